use segno_tests::{T, child, id, y};
#[allow(
    non_snake_case,
    clippy::multiple_bound_locations,
    clippy::extra_unused_lifetimes,
    clippy::needless_lifetimes,
    clippy::implied_bounds_in_impls
)]
pub fn conditions(
    wanted: Option<T>,
) -> impl ::segno::bridge::IsFuture + ::segno::Coroutine<Output = u32> {
    #[allow(unused_braces)]
    let () = if false {
        use ::segno::bridge::{
            AwaitedCoroutine as _, AwaitedFuture as _, AwaitedNeither as _,
        };
        ::segno::machine::twin(move || -> u32 {
            let __result = ::segno::machine::Output::<u32>::new();
            let mut wanted = wanted;
            {
                while let Some(token) = wanted.take() {
                    if (match id(token.0 == "again") {
                        __awaited => {
                            let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                .awaited_as();
                            __kind.wait(__awaited)
                        }
                    })
                        .output()
                        && (match child(1) {
                            __awaited => {
                                let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                    .awaited_as();
                                __kind.wait(__awaited)
                            }
                        })
                            .output() == 1
                    {
                        wanted = Some(T("once"));
                    }
                }
                if let Some(number) = (match id(Some(3)) {
                    __awaited => {
                        let __kind = (&&&::segno::bridge::awaited(&__awaited))
                            .awaited_as();
                        __kind.wait(__awaited)
                    }
                })
                    .output()
                {
                    ::segno::machine::Returned {
                        of: __result,
                        value: (match child(number) {
                            __awaited => {
                                let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                    .awaited_as();
                                __kind.wait(__awaited)
                            }
                        })
                            .output(),
                    }
                        .value
                } else {
                    (match y() {
                        __awaited => {
                            let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                .awaited_as();
                            __kind.wait(__awaited)
                        }
                    })
                        .output();
                    ::segno::machine::Returned {
                        of: __result,
                        value: 0,
                    }
                        .value
                }
            }
        });
    };
    #[deny(unsafe_op_in_unsafe_fn)]
    #[allow(
        unused,
        nonstandard_style,
        unreachable_code,
        non_shorthand_field_patterns,
        warnings,
        dangerous_implicit_autorefs,
        clippy::all,
        clippy::pedantic,
        clippy::nursery,
        clippy::restriction
    )]
    let __machine = {
        use ::segno::bridge::{
            AwaitedCoroutine as _, AwaitedFuture as _, AwaitedNeither as _,
        };
        use ::segno::machine::{
            AnyOutput as _, ProbeBorrow as _, ProbeIterator as _, ProbeOption as _,
            ProbeResult as _, ProbeNeither as _, ProbeCopy as _, ProbeDestructor as _,
            ProbeMove as _, ProbeNoDestructor as _, ProbeOther as _, Leave as _,
            LeaveNot as _, ReturnUnit as _, ReturnOther as _, Try as _, TryNot as _,
            ProbeReference as _, ProbeMutable as _, ProbeValue as _,
        };
        enum __Block<D1, G0, V4, V6, V7, V8, V9> {
            B1 { wanted: G0 },
            B3 { __awaited_4: V4, token: D1, wanted: G0 },
            B5 { __awaited_6: V6, token: D1, wanted: G0 },
            B8 { token: D1, wanted: G0 },
            B9 { wanted: G0 },
            B10 { __awaited_7: V7, wanted: G0 },
            B12 { __awaited_8: V8, wanted: G0 },
            B13 { wanted: G0 },
            B14 { __awaited_9: V9, wanted: G0 },
        }
        enum __State<C10, C12, C14, C3, C5, D1> {
            Start {},
            S1_line8_id { __child: C3, token: D1 },
            S2_line8_child { __child: C5, token: D1 },
            S3_line12_id { __child: C10 },
            S4_line13_child { __child: C12 },
            S5_line15_y { __child: C14 },
            Done,
        }
        let __slot_wanted = ::segno::machine::Slot::filled(wanted);
        let mut __state = __State::Start {};
        ::segno::machine::AnchoredMachine::new(
            move |
                __resumed: ::core::option::Option<&mut ::segno::Context<'_>>,
            | -> ::segno::Resume<u32> {
                unsafe {
                    let __slot_wanted = __slot_wanted.pinned();
                    if let ::core::option::Option::Some(__cx) = __resumed {
                        let __result = ::segno::machine::Output::<u32>::new();
                        '__resume: loop {
                            let mut __next = match &mut __state {
                                __State::Start {} => {
                                    ::segno::machine::overwrite(&mut __state, __State::Done);
                                    __Block::B1 {
                                        wanted: __slot_wanted.guard(),
                                    }
                                }
                                __State::S1_line8_id { __child, token } => {
                                    match ::segno::machine::resume_child(__child, __cx) {
                                        ::segno::Resume::Pending => return ::segno::Resume::Pending,
                                        ::segno::Resume::Cancelled => {
                                            break '__resume;
                                        }
                                        ::segno::Resume::Done(__output) => {
                                            let __guard_wanted = __slot_wanted.guard();
                                            let token = ::segno::machine::take(token);
                                            ::segno::machine::conclude(
                                                ::core::ptr::from_mut(__child),
                                                &raw mut __state,
                                                __State::Done,
                                            );
                                            __Block::B3 {
                                                wanted: __guard_wanted,
                                                token,
                                                __awaited_4: __output,
                                            }
                                        }
                                    }
                                }
                                __State::S2_line8_child { __child, token } => {
                                    match ::segno::machine::resume_child(__child, __cx) {
                                        ::segno::Resume::Pending => return ::segno::Resume::Pending,
                                        ::segno::Resume::Cancelled => {
                                            break '__resume;
                                        }
                                        ::segno::Resume::Done(__output) => {
                                            let __guard_wanted = __slot_wanted.guard();
                                            let token = ::segno::machine::take(token);
                                            ::segno::machine::conclude(
                                                ::core::ptr::from_mut(__child),
                                                &raw mut __state,
                                                __State::Done,
                                            );
                                            __Block::B5 {
                                                wanted: __guard_wanted,
                                                token,
                                                __awaited_6: __output,
                                            }
                                        }
                                    }
                                }
                                __State::S3_line12_id { __child } => {
                                    match ::segno::machine::resume_child(__child, __cx) {
                                        ::segno::Resume::Pending => return ::segno::Resume::Pending,
                                        ::segno::Resume::Cancelled => {
                                            break '__resume;
                                        }
                                        ::segno::Resume::Done(__output) => {
                                            let __guard_wanted = __slot_wanted.guard();
                                            ::segno::machine::conclude(
                                                ::core::ptr::from_mut(__child),
                                                &raw mut __state,
                                                __State::Done,
                                            );
                                            __Block::B10 {
                                                wanted: __guard_wanted,
                                                __awaited_7: __output,
                                            }
                                        }
                                    }
                                }
                                __State::S4_line13_child { __child } => {
                                    match ::segno::machine::resume_child(__child, __cx) {
                                        ::segno::Resume::Pending => return ::segno::Resume::Pending,
                                        ::segno::Resume::Cancelled => {
                                            break '__resume;
                                        }
                                        ::segno::Resume::Done(__output) => {
                                            let __guard_wanted = __slot_wanted.guard();
                                            ::segno::machine::conclude(
                                                ::core::ptr::from_mut(__child),
                                                &raw mut __state,
                                                __State::Done,
                                            );
                                            __Block::B12 {
                                                wanted: __guard_wanted,
                                                __awaited_8: __output,
                                            }
                                        }
                                    }
                                }
                                __State::S5_line15_y { __child } => {
                                    match ::segno::machine::resume_child(__child, __cx) {
                                        ::segno::Resume::Pending => return ::segno::Resume::Pending,
                                        ::segno::Resume::Cancelled => {
                                            break '__resume;
                                        }
                                        ::segno::Resume::Done(__output) => {
                                            let __guard_wanted = __slot_wanted.guard();
                                            ::segno::machine::conclude(
                                                ::core::ptr::from_mut(__child),
                                                &raw mut __state,
                                                __State::Done,
                                            );
                                            __Block::B14 {
                                                wanted: __guard_wanted,
                                                __awaited_9: __output,
                                            }
                                        }
                                    }
                                }
                                __State::Done => ::segno::machine::finished(),
                            };
                            '__step: loop {
                                match __next {
                                    __Block::B1 { wanted } => {
                                        let mut __guard_wanted = wanted;
                                        {
                                            {
                                                let mut __matched_3 = (*__slot_wanted.at()).take();
                                                (&::segno::machine::probe(&__matched_3)).taken();
                                                match __matched_3 {
                                                    Some(token) => {
                                                        let __child = match (id(token.0 == "again")) {
                                                            __awaited => {
                                                                let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                                                    .awaited_as();
                                                                __kind.child(__awaited)
                                                            }
                                                        };
                                                        ::segno::machine::overwrite(
                                                            &mut __state,
                                                            __State::S1_line8_id {
                                                                __child,
                                                                token: {
                                                                    let __how = (&::segno::machine::probe(&token)).holding();
                                                                    if __how.keeps(&token) {
                                                                        __how.hold(token)
                                                                    } else {
                                                                        __how.nothing(&token)
                                                                    }
                                                                },
                                                            },
                                                        );
                                                        __guard_wanted.suspend();
                                                        continue '__resume;
                                                    }
                                                    _ => {
                                                        __next = __Block::B9 {
                                                            wanted: __guard_wanted,
                                                        };
                                                        continue '__step;
                                                    }
                                                }
                                            }
                                        }
                                    }
                                    __Block::B3 { wanted, token, __awaited_4 } => {
                                        let mut __guard_wanted = wanted;
                                        {
                                            {
                                                let mut token = token;
                                                {
                                                    let mut __awaited_4 = __awaited_4;
                                                    if __awaited_4 {
                                                        {
                                                            let __child = match (child(1)) {
                                                                __awaited => {
                                                                    let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                                                        .awaited_as();
                                                                    __kind.child(__awaited)
                                                                }
                                                            };
                                                            ::segno::machine::overwrite(
                                                                &mut __state,
                                                                __State::S2_line8_child {
                                                                    __child,
                                                                    token: token,
                                                                },
                                                            );
                                                            __guard_wanted.suspend();
                                                            continue '__resume;
                                                        }
                                                    } else {
                                                        __next = __Block::B8 {
                                                            wanted: __guard_wanted,
                                                            token: token,
                                                        };
                                                        continue '__step;
                                                    }
                                                }
                                            }
                                        }
                                    }
                                    __Block::B5 { wanted, token, __awaited_6 } => {
                                        let mut __guard_wanted = wanted;
                                        {
                                            {
                                                let mut token = token;
                                                {
                                                    let mut __condition_5;
                                                    {
                                                        let mut __awaited_6 = __awaited_6;
                                                        __condition_5 = __awaited_6 == 1;
                                                    }
                                                    if __condition_5 {
                                                        {
                                                            (*__slot_wanted.at()) = Some(T("once"));
                                                        }
                                                        __next = __Block::B8 {
                                                            wanted: __guard_wanted,
                                                            token: token,
                                                        };
                                                        continue '__step;
                                                    } else {
                                                        __next = __Block::B8 {
                                                            wanted: __guard_wanted,
                                                            token: token,
                                                        };
                                                        continue '__step;
                                                    }
                                                }
                                            }
                                        }
                                    }
                                    __Block::B8 { wanted, token } => {
                                        let mut __guard_wanted = wanted;
                                        {
                                            {
                                                let mut token = token;
                                                {}
                                            }
                                            __next = __Block::B1 {
                                                wanted: __guard_wanted,
                                            };
                                            continue '__step;
                                        }
                                    }
                                    __Block::B9 { wanted } => {
                                        let mut __guard_wanted = wanted;
                                        {
                                            {
                                                let __child = match (id(Some(3))) {
                                                    __awaited => {
                                                        let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                                            .awaited_as();
                                                        __kind.child(__awaited)
                                                    }
                                                };
                                                ::segno::machine::overwrite(
                                                    &mut __state,
                                                    __State::S3_line12_id { __child },
                                                );
                                                __guard_wanted.suspend();
                                                continue '__resume;
                                            }
                                        }
                                    }
                                    __Block::B10 { wanted, __awaited_7 } => {
                                        let mut __guard_wanted = wanted;
                                        {
                                            {
                                                let mut __awaited_7 = __awaited_7;
                                                (&::segno::machine::probe(&__awaited_7)).taken();
                                                match __awaited_7 {
                                                    Some(number) => {
                                                        let __child = match (child(number)) {
                                                            __awaited => {
                                                                let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                                                    .awaited_as();
                                                                __kind.child(__awaited)
                                                            }
                                                        };
                                                        ::segno::machine::overwrite(
                                                            &mut __state,
                                                            __State::S4_line13_child {
                                                                __child,
                                                            },
                                                        );
                                                        __guard_wanted.suspend();
                                                        continue '__resume;
                                                    }
                                                    _ => {
                                                        __next = __Block::B13 {
                                                            wanted: __guard_wanted,
                                                        };
                                                        continue '__step;
                                                    }
                                                }
                                            }
                                        }
                                    }
                                    __Block::B12 { wanted, __awaited_8 } => {
                                        let mut __guard_wanted = wanted;
                                        {
                                            {
                                                {
                                                    let mut __awaited_8 = __awaited_8;
                                                    return ::segno::Resume::Done(
                                                        ::segno::machine::Returned {
                                                            of: __result,
                                                            value: __awaited_8,
                                                        }
                                                            .value,
                                                    );
                                                }
                                            }
                                        }
                                    }
                                    __Block::B13 { wanted } => {
                                        let mut __guard_wanted = wanted;
                                        {
                                            {
                                                let __child = match (y()) {
                                                    __awaited => {
                                                        let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                                            .awaited_as();
                                                        __kind.child(__awaited)
                                                    }
                                                };
                                                ::segno::machine::overwrite(
                                                    &mut __state,
                                                    __State::S5_line15_y { __child },
                                                );
                                                __guard_wanted.suspend();
                                                continue '__resume;
                                            }
                                        }
                                    }
                                    __Block::B14 { wanted, __awaited_9 } => {
                                        let mut __guard_wanted = wanted;
                                        {
                                            {
                                                let mut __awaited_9 = __awaited_9;
                                                ::core::mem::drop(__awaited_9);
                                                return ::segno::Resume::Done(
                                                    ::segno::machine::Returned {
                                                        of: __result,
                                                        value: 0,
                                                    }
                                                        .value,
                                                );
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                    match &mut __state {
                        __State::Start {} => {
                            let __guard_wanted = __slot_wanted.guard();
                            ::segno::machine::overwrite(&mut __state, __State::Done);
                        }
                        __State::S1_line8_id { __child, token } => {
                            let __guard_wanted = __slot_wanted.guard();
                            let token = ::segno::machine::take(token);
                            ::segno::machine::abandon(
                                ::core::ptr::from_mut(__child),
                                &raw mut __state,
                                __State::Done,
                            );
                        }
                        __State::S2_line8_child { __child, token } => {
                            let __guard_wanted = __slot_wanted.guard();
                            let token = ::segno::machine::take(token);
                            ::segno::machine::abandon(
                                ::core::ptr::from_mut(__child),
                                &raw mut __state,
                                __State::Done,
                            );
                        }
                        __State::S3_line12_id { __child } => {
                            let __guard_wanted = __slot_wanted.guard();
                            ::segno::machine::abandon(
                                ::core::ptr::from_mut(__child),
                                &raw mut __state,
                                __State::Done,
                            );
                        }
                        __State::S4_line13_child { __child } => {
                            let __guard_wanted = __slot_wanted.guard();
                            ::segno::machine::abandon(
                                ::core::ptr::from_mut(__child),
                                &raw mut __state,
                                __State::Done,
                            );
                        }
                        __State::S5_line15_y { __child } => {
                            let __guard_wanted = __slot_wanted.guard();
                            ::segno::machine::abandon(
                                ::core::ptr::from_mut(__child),
                                &raw mut __state,
                                __State::Done,
                            );
                        }
                        __State::Done => {}
                    }
                    ::segno::Resume::Cancelled
                }
            },
            ::segno::machine::OutputType::<u32>(::core::marker::PhantomData).judge(),
        )
    };
    __machine
}
