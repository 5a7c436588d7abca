use segno_tests::child;
pub fn straight(first: u32, last: u32) -> impl ::segno::Awaitable<u32> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> u32 {
                let first = first;
                let last = last;
                {
                    let one = __await(child(first)).wait().output();
                    let two = __await(child(one + 1)).wait().output();
                    __Returned::<u32> {
                        value: one + two + last,
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
            enum __State<C1, C2, V2> {
                Start { first: u32, last: u32 },
                S1_line7_child { __child: C1, last: u32 },
                S2_line8_child { __child: C2, one: V2, last: u32 },
                Done,
            }
            let mut __state = __State::Start { first, last };
            __Machine {
                step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<u32> {
                    '__ended: {
                        let __Some(__cx) = __resumed else { break '__ended };
                        '__B2: {
                            '__B1: {
                                match &mut __state {
                                    __State::Start { first, last } => {
                                        let mut first = __take(first);
                                        let mut last = __take(last);
                                        __overwrite(&raw mut __state, __State::Done);
                                        {
                                            let __child = match (child(first)) {
                                                __awaited => {
                                                    __Awaited(&raw const __awaited).child(__awaited)
                                                }
                                            };
                                            __overwrite(
                                                &raw mut __state,
                                                __State::S1_line7_child {
                                                    __child,
                                                    last: last,
                                                },
                                            );
                                            break '__B1;
                                        }
                                    }
                                    __State::Done => __finished(),
                                    __State::S1_line7_child { .. } => break '__B1,
                                    _ => break '__B2,
                                }
                            }
                            match &mut __state {
                                __State::S1_line7_child { __child, last } => {
                                    match __Coroutine::resume_child(
                                        __child,
                                        __cx,
                                        __EXPANSION,
                                    ) {
                                        __Pending => return __Pending,
                                        __Cancelled => break '__ended,
                                        __Done(__awaited_4) => {
                                            let mut last = __take(last);
                                            __Coroutine::conclude(
                                                &raw mut *__child,
                                                &raw mut __state,
                                                __State::Done,
                                                __EXPANSION,
                                            );
                                            {
                                                let mut __awaited_4 = __awaited_4;
                                                let one = __awaited_4;
                                                let __child = match (child(one + 1)) {
                                                    __awaited => {
                                                        __Awaited(&raw const __awaited).child(__awaited)
                                                    }
                                                };
                                                __overwrite(
                                                    &raw mut __state,
                                                    __State::S2_line8_child {
                                                        __child,
                                                        last: last,
                                                        one: one,
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
                            __State::S2_line8_child { __child, last, one } => {
                                match __Coroutine::resume_child(
                                    __child,
                                    __cx,
                                    __EXPANSION,
                                ) {
                                    __Pending => return __Pending,
                                    __Cancelled => break '__ended,
                                    __Done(__awaited_5) => {
                                        let mut last = __take(last);
                                        let one = __take(one);
                                        __Coroutine::conclude(
                                            &raw mut *__child,
                                            &raw mut __state,
                                            __State::Done,
                                            __EXPANSION,
                                        );
                                        {
                                            let mut one = one;
                                            let mut __awaited_5 = __awaited_5;
                                            let two = __awaited_5;
                                            return __Done(
                                                __Returned::<u32> {
                                                    value: one + two + last,
                                                }
                                                    .value,
                                            );
                                        }
                                    }
                                }
                            }
                            _ => __impossible(),
                        }
                    }
                    __state = __State::Done;
                    __Cancelled
                },
                judge: __NoError,
            }
        };
    }
}
