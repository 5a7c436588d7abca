use segno_tests::{T, child, y};
#[allow(non_snake_case)]
#[cfg_attr(
    clippy,
    allow(
        clippy::multiple_bound_locations,
        clippy::extra_unused_lifetimes,
        clippy::needless_lifetimes,
        clippy::implied_bounds_in_impls
    )
)]
pub fn guard() -> impl ::segno::bridge::IsFuture + ::segno::Coroutine<Output = u32> {
    #[allow(unused_braces)]
    let () = if false {
        use ::segno::bridge::questions::*;
        ::segno::machine::twin(move || -> u32 {
            let __result = ::segno::machine::Output::<u32>::new();
            {
                let value = T("guard");
                {
                    let _inner = T("inner");
                    (match y() {
                        __awaited => {
                            let __kind = (&&&::segno::bridge::Awaited(
                                &raw const __awaited,
                            ))
                                .awaited_as();
                            __kind.wait(__awaited)
                        }
                    })
                        .output();
                }
                let value = value.0.len() as u32;
                ::segno::machine::Returned {
                    of: __result,
                    value: (match child(value) {
                        __awaited => {
                            let __kind = (&&&::segno::bridge::Awaited(
                                &raw const __awaited,
                            ))
                                .awaited_as();
                            __kind.wait(__awaited)
                        }
                    })
                        .output(),
                }
                    .value
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
        dangerous_implicit_autorefs
    )]
    #[cfg_attr(
        clippy,
        allow(clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)
    )]
    let __machine = {
        use ::segno::bridge::questions::*;
        use ::segno::machine::questions::*;
        enum __State<C1, C2, D0, D1, V0> {
            Start {},
            S1_line10_y { __child: C1, _inner: D1, value: V0 },
            S2_line13_child { __child: C2, value: D0 },
            Done,
        }
        let mut __state = __State::Start {};
        ::segno::machine::Machine {
            step: move |
                __resumed: ::core::option::Option<&mut ::segno::Context<'_>>,
            | -> ::segno::Resume<u32> {
                '__ended: {
                    let ::core::option::Option::Some(__cx) = __resumed else {
                        break '__ended
                    };
                    let __result = ::segno::machine::Output::<u32>::new();
                    '__B2: {
                        '__B1: {
                            let __to_B0;
                            '__B0: {
                                match &mut __state {
                                    __State::Start {} => {
                                        ::segno::machine::overwrite(&mut __state, __State::Done);
                                        __to_B0 = ();
                                        break '__B0;
                                    }
                                    __State::Done => ::segno::machine::finished(),
                                    __State::S1_line10_y { .. } => break '__B1,
                                    _ => break '__B2,
                                }
                            }
                            let () = __to_B0;
                            {
                                let value = T("guard");
                                {
                                    let _inner = T("inner");
                                    let __child = match (y()) {
                                        __awaited => {
                                            (&&&&::segno::bridge::Awaited(&raw const __awaited))
                                                .child(__awaited)
                                        }
                                    };
                                    ::segno::machine::overwrite(
                                        &mut __state,
                                        __State::S1_line10_y {
                                            __child,
                                            value: value,
                                            _inner: {
                                                let __how = (&::segno::machine::probe(&_inner)).holding();
                                                if __how.keeps(&_inner) {
                                                    __how.hold(_inner)
                                                } else {
                                                    __how.nothing(&_inner)
                                                }
                                            },
                                        },
                                    );
                                    break '__B1;
                                }
                            }
                        }
                        match &mut __state {
                            __State::S1_line10_y { __child, value, _inner } => {
                                match ::segno::Coroutine::resume_child(
                                    __child,
                                    __cx,
                                    ::segno::machine::EXPANSION,
                                ) {
                                    ::segno::Resume::Pending => return ::segno::Resume::Pending,
                                    ::segno::Resume::Cancelled => break '__ended,
                                    ::segno::Resume::Done(__output) => {
                                        let value = ::segno::machine::take(value);
                                        let _inner = ::segno::machine::take(_inner);
                                        ::segno::Coroutine::conclude(
                                            &raw mut *__child,
                                            &raw mut __state,
                                            __State::Done,
                                            ::segno::machine::EXPANSION,
                                        );
                                        let __awaited_3 = __output;
                                        {
                                            let mut value = value;
                                            {
                                                let mut _inner = _inner;
                                                let mut __awaited_3 = __awaited_3;
                                                ::core::mem::drop(__awaited_3);
                                            }
                                            let value__2 = value.0.len() as u32;
                                            let __child = match (child(value__2)) {
                                                __awaited => {
                                                    (&&&&::segno::bridge::Awaited(&raw const __awaited))
                                                        .child(__awaited)
                                                }
                                            };
                                            ::segno::machine::overwrite(
                                                &mut __state,
                                                __State::S2_line13_child {
                                                    __child,
                                                    value: {
                                                        let __how = (&::segno::machine::probe(&value)).holding();
                                                        if __how.keeps(&value) {
                                                            __how.hold(value)
                                                        } else {
                                                            __how.nothing(&value)
                                                        }
                                                    },
                                                },
                                            );
                                            break '__B2;
                                        }
                                    }
                                }
                            }
                            _ => ::segno::machine::impossible(),
                        }
                    }
                    match &mut __state {
                        __State::S2_line13_child { __child, value } => {
                            match ::segno::Coroutine::resume_child(
                                __child,
                                __cx,
                                ::segno::machine::EXPANSION,
                            ) {
                                ::segno::Resume::Pending => return ::segno::Resume::Pending,
                                ::segno::Resume::Cancelled => break '__ended,
                                ::segno::Resume::Done(__output) => {
                                    let value = ::segno::machine::take(value);
                                    ::segno::Coroutine::conclude(
                                        &raw mut *__child,
                                        &raw mut __state,
                                        __State::Done,
                                        ::segno::machine::EXPANSION,
                                    );
                                    let __awaited_4 = __output;
                                    {
                                        let mut value = value;
                                        let mut __awaited_4 = __awaited_4;
                                        return ::segno::Resume::Done(
                                            ::segno::machine::Returned {
                                                of: __result,
                                                value: __awaited_4,
                                            }
                                                .value,
                                        );
                                    }
                                }
                            }
                        }
                        _ => ::segno::machine::impossible(),
                    }
                }
                __state = __State::Done;
                ::segno::Resume::Cancelled
            },
            judge: ::segno::machine::OutputType::<u32>(::core::marker::PhantomData)
                .judge(),
        }
    };
    __machine
}
