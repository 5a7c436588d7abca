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
        use ::segno::machine::scope::*;
        __twin(move || -> Result<u32, Failure> {
            let __result = __Output::<Result<u32, Failure>>::new();
            let fails = fails;
            let stop = stop;
            {
                let value = (match fail(fails, 1) {
                    __awaited => __Awaited(&raw const __awaited).wait(__awaited),
                })
                    .output()?;
                if stop {
                    return __Returned {
                        of: __result,
                        value: Ok(value),
                    }
                        .value;
                }
                __Returned {
                    of: __result,
                    value: Ok(
                        value
                            + (match fail(false, 2) {
                                __awaited => __Awaited(&raw const __awaited).wait(__awaited),
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
        use ::segno::machine::scope::*;
        enum __State<C1, C2, V0, V1, V4> {
            Start { fails: V0, stop: V1 },
            S1_line7_fail { __child: C1, stop: V1 },
            S2_line11_fail { __child: C2, __operand_4: V4 },
            Done,
        }
        let mut __state = __State::Start { fails, stop };
        __Machine {
            step: move |
                __resumed: __Option<&mut __Context<'_>>,
            | -> __Resume<Result<u32, Failure>> {
                '__ended: {
                    let __Some(__cx) = __resumed else { break '__ended };
                    let __result = __Output::<Result<u32, Failure>>::new();
                    '__B2: {
                        '__B1: {
                            let __to_B0;
                            '__B0: {
                                match &mut __state {
                                    __State::Start { fails, stop } => {
                                        let fails = __take(fails);
                                        let stop = __take(stop);
                                        __overwrite(&mut __state, __State::Done);
                                        __to_B0 = (stop, fails);
                                        break '__B0;
                                    }
                                    __State::Done => __finished(),
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
                                        __Awaited(&raw const __awaited).child(__awaited)
                                    }
                                };
                                __overwrite(
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
                                match __Coroutine::resume_child(
                                    __child,
                                    __cx,
                                    __EXPANSION,
                                ) {
                                    __Pending => return __Pending,
                                    __Cancelled => break '__ended,
                                    __Done(__output) => {
                                        let stop = __take(stop);
                                        __Coroutine::conclude(
                                            &raw mut *__child,
                                            &raw mut __state,
                                            __State::Done,
                                            __EXPANSION,
                                        );
                                        let __awaited_3 = __output;
                                        let mut stop = stop;
                                        {
                                            let mut __awaited_3 = __awaited_3;
                                            let value = match __Tried(__awaited_3).branch() {
                                                ::core::ops::ControlFlow::Continue(__value) => __value,
                                                ::core::ops::ControlFlow::Break(__residual) => {
                                                    return __result.early(__residual).leave();
                                                }
                                            };
                                            if stop {
                                                return __Done(
                                                    __Returned {
                                                        of: __result,
                                                        value: Ok(value),
                                                    }
                                                        .value,
                                                );
                                            }
                                            let mut __operand_4 = value;
                                            let __child = match (fail(false, 2)) {
                                                __awaited => {
                                                    __Awaited(&raw const __awaited).child(__awaited)
                                                }
                                            };
                                            __overwrite(
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
                            _ => __impossible(),
                        }
                    }
                    match &mut __state {
                        __State::S2_line11_fail { __child, __operand_4 } => {
                            match __Coroutine::resume_child(__child, __cx, __EXPANSION) {
                                __Pending => return __Pending,
                                __Cancelled => break '__ended,
                                __Done(__output) => {
                                    let __operand_4 = __take(__operand_4);
                                    __Coroutine::conclude(
                                        &raw mut *__child,
                                        &raw mut __state,
                                        __State::Done,
                                        __EXPANSION,
                                    );
                                    let __awaited_5 = __output;
                                    return {
                                        let mut __awaited_5 = __awaited_5;
                                        let mut __operand_4 = __operand_4;
                                        __Done({
                                            __Returned {
                                                of: __result,
                                                value: {
                                                    Ok(
                                                        __operand_4
                                                            + match __Tried(__awaited_5).branch() {
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
                        _ => __impossible(),
                    }
                }
                __state = __State::Done;
                __Cancelled
            },
            judge: __OutputType::<Result<u32, Failure>>(__PhantomData).judge(),
        }
    };
    __machine
}
