use segno_tests::{child, y};
pub fn macros(limit: u32) -> impl ::segno::Awaitable<String> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> String {
                let limit = limit;
                {
                    match (&(__await(child(1)).wait().output()),) {
                        (__argument_0,) => assert_eq!(* __argument_0, 1, "at {limit}"),
                    };
                    let text = {
                        let __formatted = match (
                            &(__await(child(limit)).wait().output()),
                        ) {
                            (__argument_1,) => format!("{limit} {}", * __argument_1),
                        };
                        __formatted
                    };
                    let limit = text.len();
                    __await(y()).wait().output();
                    format!("{text} {limit}")
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
            enum __State<C1, C4, C7, V4, V5> {
                Start { limit: u32 },
                S1_line7_child { __child: C1, limit: u32 },
                S2_line8_child { __child: C4, limit: u32 },
                S3_line10_y { __child: C7, limit__2: V5, text: V4 },
                Done,
            }
            let mut __state = __State::Start { limit };
            __Machine {
                step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<String> {
                    '__ended: {
                        let __Some(__cx) = __resumed else { break '__ended };
                        '__B7: {
                            let __to_B6;
                            '__B6: {
                                '__B4: {
                                    let __to_B3;
                                    '__B3: {
                                        '__B1: {
                                            match &mut __state {
                                                __State::Start { limit } => {
                                                    let mut limit = __take(limit);
                                                    __overwrite(&raw mut __state, __State::Done);
                                                    {
                                                        {
                                                            let __child = match (child(1)) {
                                                                __awaited => {
                                                                    __Awaited(&raw const __awaited).child(__awaited)
                                                                }
                                                            };
                                                            __overwrite(
                                                                &raw mut __state,
                                                                __State::S1_line7_child {
                                                                    __child,
                                                                    limit: limit,
                                                                },
                                                            );
                                                            break '__B1;
                                                        }
                                                    }
                                                }
                                                __State::Done => __finished(),
                                                __State::S1_line7_child { .. } => break '__B1,
                                                __State::S2_line8_child { .. } => break '__B4,
                                                _ => break '__B7,
                                            }
                                        }
                                        match &mut __state {
                                            __State::S1_line7_child { __child, limit } => {
                                                match __Coroutine::resume_child(
                                                    __child,
                                                    __cx,
                                                    __EXPANSION,
                                                ) {
                                                    __Pending => return __Pending,
                                                    __Cancelled => break '__ended,
                                                    __Done(__awaited_6) => {
                                                        let mut limit = __take(limit);
                                                        __Coroutine::conclude(
                                                            &raw mut *__child,
                                                            &raw mut __state,
                                                            __State::Done,
                                                            __EXPANSION,
                                                        );
                                                        {
                                                            {
                                                                let mut __awaited_6 = __awaited_6;
                                                                match (&(__awaited_6),) {
                                                                    (__argument_0,) => {
                                                                        {
                                                                            assert_eq!(* __argument_0, 1, "at {limit}");
                                                                        }
                                                                        __to_B3 = (limit,);
                                                                        break '__B3;
                                                                    }
                                                                    _ => __never(),
                                                                }
                                                            }
                                                        }
                                                    }
                                                }
                                            }
                                            _ => __impossible(),
                                        }
                                    }
                                    let (limit,) = __to_B3;
                                    let mut limit = limit;
                                    {
                                        {
                                            {
                                                let __child = match (child(limit)) {
                                                    __awaited => {
                                                        __Awaited(&raw const __awaited).child(__awaited)
                                                    }
                                                };
                                                __overwrite(
                                                    &raw mut __state,
                                                    __State::S2_line8_child {
                                                        __child,
                                                        limit: limit,
                                                    },
                                                );
                                                break '__B4;
                                            }
                                        }
                                    }
                                }
                                match &mut __state {
                                    __State::S2_line8_child { __child, limit } => {
                                        match __Coroutine::resume_child(
                                            __child,
                                            __cx,
                                            __EXPANSION,
                                        ) {
                                            __Pending => return __Pending,
                                            __Cancelled => break '__ended,
                                            __Done(__awaited_7) => {
                                                let mut limit = __take(limit);
                                                __Coroutine::conclude(
                                                    &raw mut *__child,
                                                    &raw mut __state,
                                                    __State::Done,
                                                    __EXPANSION,
                                                );
                                                {
                                                    {
                                                        let mut __formatted;
                                                        {
                                                            let mut __awaited_7 = __awaited_7;
                                                            match (&(__awaited_7),) {
                                                                (__argument_1,) => {
                                                                    {
                                                                        __formatted = format!("{limit} {}", * __argument_1);
                                                                    }
                                                                    __to_B6 = (__formatted,);
                                                                    break '__B6;
                                                                }
                                                                _ => __never(),
                                                            }
                                                        }
                                                    }
                                                }
                                            }
                                        }
                                    }
                                    _ => __impossible(),
                                }
                            }
                            let (__formatted,) = __to_B6;
                            {
                                let mut text;
                                {
                                    let mut __formatted = __formatted;
                                    text = __formatted;
                                }
                                let limit__2 = text.len();
                                let __child = match (y()) {
                                    __awaited => {
                                        __Awaited(&raw const __awaited).child(__awaited)
                                    }
                                };
                                __overwrite(
                                    &raw mut __state,
                                    __State::S3_line10_y {
                                        __child,
                                        text: text,
                                        limit__2: limit__2,
                                    },
                                );
                                break '__B7;
                            }
                        }
                        match &mut __state {
                            __State::S3_line10_y { __child, text, limit__2 } => {
                                match __Coroutine::resume_child(
                                    __child,
                                    __cx,
                                    __EXPANSION,
                                ) {
                                    __Pending => return __Pending,
                                    __Cancelled => break '__ended,
                                    __Done(__awaited_8) => {
                                        let text = __take(text);
                                        let limit__2 = __take(limit__2);
                                        __Coroutine::conclude(
                                            &raw mut *__child,
                                            &raw mut __state,
                                            __State::Done,
                                            __EXPANSION,
                                        );
                                        return {
                                            let mut text = text;
                                            let mut limit__2 = limit__2;
                                            let mut __awaited_8 = __awaited_8;
                                            ::core::mem::drop(__awaited_8);
                                            __Done({ format!("{text} {limit}", limit = limit__2) })
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
                judge: __OutputType::<String>(__PhantomData).judge(),
            }
        };
    }
}
