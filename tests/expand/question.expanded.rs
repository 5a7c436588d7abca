use segno_tests::{Failure, fail};
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
pub fn question(
    fails: bool,
    stop: bool,
) -> impl ::segno::bridge::IsFuture + ::segno::Coroutine<Output = Result<u32, Failure>> {
    #[allow(unused_braces)]
    let () = if false {
        use ::segno::bridge::questions::*;
        ::segno::machine::twin(move || -> Result<u32, Failure> {
            let __result = ::segno::machine::Output::<Result<u32, Failure>>::new();
            let fails = fails;
            let stop = stop;
            {
                let value = (match fail(fails, 1) {
                    __awaited => {
                        let __kind = (&&&::segno::bridge::Awaited(&raw const __awaited))
                            .awaited_as();
                        __kind.wait(__awaited)
                    }
                })
                    .output()?;
                if stop {
                    return ::segno::machine::Returned {
                        of: __result,
                        value: Ok(value),
                    }
                        .value;
                }
                ::segno::machine::Returned {
                    of: __result,
                    value: Ok(
                        value
                            + (match fail(false, 2) {
                                __awaited => {
                                    let __kind = (&&&::segno::bridge::Awaited(
                                        &raw const __awaited,
                                    ))
                                        .awaited_as();
                                    __kind.wait(__awaited)
                                }
                            })
                                .output()?,
                    ),
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
        enum __State<C1, C2, V0, V1, V4> {
            Start { fails: V0, stop: V1 },
            S1_line7_fail { __child: C1, stop: V1 },
            S2_line11_fail { __child: C2, __operand_4: V4 },
            Done,
        }
        let mut __state = __State::Start { fails, stop };
        ::segno::machine::Machine {
            step: move |
                __resumed: ::core::option::Option<&mut ::segno::Context<'_>>,
            | -> ::segno::Resume<Result<u32, Failure>> {
                '__ended: {
                    let ::core::option::Option::Some(__cx) = __resumed else {
                        break '__ended
                    };
                    let __result = ::segno::machine::Output::<
                        Result<u32, Failure>,
                    >::new();
                    '__B2: {
                        '__B1: {
                            let __to_B0;
                            '__B0: {
                                match &mut __state {
                                    __State::Start { fails, stop } => {
                                        let fails = ::segno::machine::take(fails);
                                        let stop = ::segno::machine::take(stop);
                                        ::segno::machine::overwrite(&mut __state, __State::Done);
                                        __to_B0 = (stop, fails);
                                        break '__B0;
                                    }
                                    __State::Done => ::segno::machine::finished(),
                                    __State::S1_line7_fail { .. } => break '__B1,
                                    _ => break '__B2,
                                }
                            }
                            let (stop, fails) = __to_B0;
                            let mut fails = fails;
                            let mut stop = stop;
                            {
                                let __child = match (fail(fails, 1)) {
                                    __awaited => {
                                        (&&&&::segno::bridge::Awaited(&raw const __awaited))
                                            .child(__awaited)
                                    }
                                };
                                ::segno::machine::overwrite(
                                    &mut __state,
                                    __State::S1_line7_fail {
                                        __child,
                                        stop: stop,
                                    },
                                );
                                break '__B1;
                            }
                        }
                        match &mut __state {
                            __State::S1_line7_fail { __child, stop } => {
                                match ::segno::Coroutine::resume_child(
                                    __child,
                                    __cx,
                                    ::segno::machine::EXPANSION,
                                ) {
                                    ::segno::Resume::Pending => return ::segno::Resume::Pending,
                                    ::segno::Resume::Cancelled => break '__ended,
                                    ::segno::Resume::Done(__output) => {
                                        let stop = ::segno::machine::take(stop);
                                        ::segno::Coroutine::conclude(
                                            &raw mut *__child,
                                            &raw mut __state,
                                            __State::Done,
                                            ::segno::machine::EXPANSION,
                                        );
                                        let __awaited_3 = __output;
                                        let mut stop = stop;
                                        {
                                            let mut __awaited_3 = __awaited_3;
                                            let value = match ::segno::machine::Tried(__awaited_3)
                                                .branch()
                                            {
                                                ::core::ops::ControlFlow::Continue(__value) => __value,
                                                ::core::ops::ControlFlow::Break(__residual) => {
                                                    return __result.early(__residual).leave();
                                                }
                                            };
                                            if stop {
                                                return ::segno::Resume::Done(
                                                    ::segno::machine::Returned {
                                                        of: __result,
                                                        value: Ok(value),
                                                    }
                                                        .value,
                                                );
                                            }
                                            let mut __operand_4 = value;
                                            let __child = match (fail(false, 2)) {
                                                __awaited => {
                                                    (&&&&::segno::bridge::Awaited(&raw const __awaited))
                                                        .child(__awaited)
                                                }
                                            };
                                            ::segno::machine::overwrite(
                                                &mut __state,
                                                __State::S2_line11_fail {
                                                    __child,
                                                    __operand_4: __operand_4,
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
                        __State::S2_line11_fail { __child, __operand_4 } => {
                            match ::segno::Coroutine::resume_child(
                                __child,
                                __cx,
                                ::segno::machine::EXPANSION,
                            ) {
                                ::segno::Resume::Pending => return ::segno::Resume::Pending,
                                ::segno::Resume::Cancelled => break '__ended,
                                ::segno::Resume::Done(__output) => {
                                    let __operand_4 = ::segno::machine::take(__operand_4);
                                    ::segno::Coroutine::conclude(
                                        &raw mut *__child,
                                        &raw mut __state,
                                        __State::Done,
                                        ::segno::machine::EXPANSION,
                                    );
                                    let __awaited_5 = __output;
                                    return {
                                        let mut __awaited_5 = __awaited_5;
                                        let mut __operand_4 = __operand_4;
                                        ::segno::Resume::Done({
                                            ::segno::machine::Returned {
                                                of: __result,
                                                value: {
                                                    Ok(
                                                        __operand_4
                                                            + match ::segno::machine::Tried(__awaited_5).branch() {
                                                                ::core::ops::ControlFlow::Continue(__value) => __value,
                                                                ::core::ops::ControlFlow::Break(__residual) => {
                                                                    return __result.early(__residual).leave();
                                                                }
                                                            },
                                                    )
                                                },
                                            }
                                                .value
                                        })
                                    };
                                }
                            }
                        }
                        _ => ::segno::machine::impossible(),
                    }
                }
                __state = __State::Done;
                ::segno::Resume::Cancelled
            },
            judge: ::segno::machine::OutputType::<
                Result<u32, Failure>,
            >(::core::marker::PhantomData)
                .judge(),
        }
    };
    __machine
}
