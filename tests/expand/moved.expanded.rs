use segno_tests::{T, y};
#[allow(
    non_snake_case,
    clippy::multiple_bound_locations,
    clippy::extra_unused_lifetimes,
    clippy::needless_lifetimes,
    clippy::implied_bounds_in_impls
)]
pub fn moved(
    token: T,
    wanted: bool,
) -> impl ::segno::bridge::IsFuture + ::segno::Coroutine<Output = ()> {
    #[allow(unused_braces)]
    let () = if false {
        use ::segno::bridge::{
            AwaitedCoroutine as _, AwaitedFuture as _, AwaitedNeither as _,
        };
        ::segno::machine::twin(move || -> () {
            let __result = ::segno::machine::Output::<()>::new();
            let token = token;
            let wanted = wanted;
            {
                if wanted {
                    drop(token);
                }
                (match y() {
                    __awaited => {
                        let __kind = (&&&::segno::bridge::awaited(&__awaited))
                            .awaited_as();
                        __kind.wait(__awaited)
                    }
                })
                    .output();
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
        enum __Block<D0, V0, V1, V2> {
            B0 { wanted: V1, token: V0 },
            B3 { token: ::core::option::Option<D0> },
            B4 { __awaited_2: V2, token: ::core::option::Option<D0> },
        }
        enum __State<C4, D0, V0, V1> {
            Start { token: V0, wanted: V1 },
            S1_line10_y { __child: C4, token: ::core::option::Option<D0> },
            Done,
        }
        let mut __state = __State::Start { token, wanted };
        ::segno::machine::Machine::new(
            move |
                __resumed: ::core::option::Option<&mut ::segno::Context<'_>>,
            | -> ::segno::Resume<()> {
                let ::core::option::Option::Some(__cx) = __resumed else {
                    __state = __State::Done;
                    return ::segno::Resume::Cancelled;
                };
                let __result = ::segno::machine::Output::<()>::new();
                '__resume: loop {
                    let mut __next = match &mut __state {
                        __State::Start { token, wanted } => {
                            let token = ::segno::machine::take(token);
                            let wanted = ::segno::machine::take(wanted);
                            ::segno::machine::overwrite(&mut __state, __State::Done);
                            __Block::B0 { token, wanted }
                        }
                        __State::S1_line10_y { __child, token } => {
                            match ::segno::machine::resume_child(__child, __cx) {
                                ::segno::Resume::Pending => return ::segno::Resume::Pending,
                                ::segno::Resume::Cancelled => {
                                    __state = __State::Done;
                                    return ::segno::Resume::Cancelled;
                                }
                                ::segno::Resume::Done(__output) => {
                                    let token = ::segno::machine::take(token);
                                    ::segno::machine::conclude(
                                        ::core::ptr::from_mut(__child),
                                        &raw mut __state,
                                        __State::Done,
                                    );
                                    __Block::B4 {
                                        token,
                                        __awaited_2: __output,
                                    }
                                }
                            }
                        }
                        __State::Done => ::segno::machine::finished(),
                    };
                    '__step: loop {
                        match __next {
                            __Block::B0 { token, wanted } => {
                                let mut token = token;
                                let mut wanted = wanted;
                                {
                                    if wanted {
                                        {
                                            drop(token);
                                        }
                                        __next = __Block::B3 {
                                            token: ::core::option::Option::None,
                                        };
                                        continue '__step;
                                    } else {
                                        __next = __Block::B3 {
                                            token: ::core::option::Option::Some({
                                                let __how = (&::segno::machine::probe(&token)).holding();
                                                if __how.keeps(&token) {
                                                    __how.hold(token)
                                                } else {
                                                    __how.nothing(&token)
                                                }
                                            }),
                                        };
                                        continue '__step;
                                    }
                                }
                            }
                            __Block::B3 { token } => {
                                let mut token = token;
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
                                        __State::S1_line10_y {
                                            __child,
                                            token: token,
                                        },
                                    );
                                    continue '__resume;
                                }
                            }
                            __Block::B4 { token, __awaited_2 } => {
                                let mut token = token;
                                {
                                    let mut __awaited_2 = __awaited_2;
                                    ::core::mem::drop(__awaited_2);
                                    return __result.unit();
                                }
                            }
                        }
                    }
                }
            },
            ::segno::machine::OutputType::<()>(::core::marker::PhantomData).judge(),
        )
    };
    __machine
}
