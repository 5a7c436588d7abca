use segno_tests::{Failure, fail};
pub fn question(
    fails: bool,
    stop: bool,
) -> impl ::segno::Awaitable<Result<u32, Failure>> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> Result<u32, Failure> {
                let fails = fails;
                let stop = stop;
                {
                    let value = __await(fail(fails, 1)).wait().output()?;
                    if stop {
                        return __Returned::<Result<u32, Failure>> {
                            value: Ok(value),
                        }
                            .value;
                    }
                    __Returned::<Result<u32, Failure>> {
                        value: Ok(value + __await(fail(false, 2)).wait().output()?),
                    }
                        .value
                }
            });
        }
        #[deny(unsafe_op_in_unsafe_fn)]
        #[allow(
            unused,
            nonstandard_style,
            non_shorthand_field_patterns,
            warnings,
            dangerous_implicit_autorefs
        )]
        return {
            enum __State<C1, C2, V4> {
                Start { fails: bool, stop: bool },
                S1_line7_fail { __child: C1, stop: bool },
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
                        '__B2: {
                            '__B1: {
                                match &mut __state {
                                    __State::Start { fails, stop } => {
                                        let mut fails = __take(fails);
                                        let mut stop = __take(stop);
                                        __overwrite(&raw mut __state, __State::Done);
                                        {
                                            let __child = match (fail(fails, 1)) {
                                                __awaited => {
                                                    __Awaited(&raw const __awaited).child(__awaited)
                                                }
                                            };
                                            __overwrite(
                                                &raw mut __state,
                                                __State::S1_line7_fail {
                                                    __child,
                                                    stop: stop,
                                                },
                                            );
                                            break '__B1;
                                        }
                                    }
                                    __State::Done => __finished(),
                                    __State::S1_line7_fail { .. } => break '__B1,
                                    _ => break '__B2,
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
                                        __Done(__awaited_3) => {
                                            let mut stop = __take(stop);
                                            __Coroutine::conclude(
                                                &raw mut *__child,
                                                &raw mut __state,
                                                __State::Done,
                                                __EXPANSION,
                                            );
                                            {
                                                let mut __awaited_3 = __awaited_3;
                                                let value = match __Tried(__awaited_3).branch() {
                                                    ::core::ops::ControlFlow::Continue(__value) => __value,
                                                    ::core::ops::ControlFlow::Break(__residual) => {
                                                        return __Output::<Result<u32, Failure>>::new()
                                                            .early(__residual)
                                                            .leave();
                                                    }
                                                };
                                                if stop {
                                                    return __Done(
                                                        __Returned::<Result<u32, Failure>> {
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
                                                    &raw mut __state,
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
                                match __Coroutine::resume_child(
                                    __child,
                                    __cx,
                                    __EXPANSION,
                                ) {
                                    __Pending => return __Pending,
                                    __Cancelled => break '__ended,
                                    __Done(__awaited_5) => {
                                        let __operand_4 = __take(__operand_4);
                                        __Coroutine::conclude(
                                            &raw mut *__child,
                                            &raw mut __state,
                                            __State::Done,
                                            __EXPANSION,
                                        );
                                        return {
                                            let mut __awaited_5 = __awaited_5;
                                            let mut __operand_4 = __operand_4;
                                            __Done({
                                                __Returned::<Result<u32, Failure>> {
                                                    value: {
                                                        Ok(
                                                            __operand_4
                                                                + match __Tried(__awaited_5).branch() {
                                                                    ::core::ops::ControlFlow::Continue(__value) => __value,
                                                                    ::core::ops::ControlFlow::Break(__residual) => {
                                                                        return __Output::<Result<u32, Failure>>::new()
                                                                            .early(__residual)
                                                                            .leave();
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
    }
}
