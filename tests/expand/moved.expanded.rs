use segno_tests::{T, y};
pub fn moved(token: T, wanted: bool) -> impl ::segno::Awaitable<()> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> () {
                let token = token;
                let wanted = wanted;
                {
                    if wanted {
                        drop(token);
                    }
                    __await(y()).wait().output();
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
            enum __State<C4, O0, V0> {
                Start { token: V0, wanted: bool },
                S1_line10_y { __child: C4, token: __Option<O0> },
                Done,
            }
            let mut __state = __State::Start { token, wanted };
            __Machine {
                step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<()> {
                    '__ended: {
                        let __Some(__cx) = __resumed else { break '__ended };
                        '__B4: {
                            let __to_B3;
                            '__B3: {
                                match &mut __state {
                                    __State::Start { token, wanted } => {
                                        let mut token = __take(token);
                                        let mut wanted = __take(wanted);
                                        __overwrite(&raw mut __state, __State::Done);
                                        {
                                            if wanted {
                                                {
                                                    drop(token);
                                                }
                                                __to_B3 = (__None,);
                                                break '__B3;
                                            } else {
                                                __to_B3 = (
                                                    {
                                                        let __how = (&__probe(&token)).holding();
                                                        if __how.keeps(&token) {
                                                            __how.some(token)
                                                        } else {
                                                            __how.none(&token)
                                                        }
                                                    },
                                                );
                                                break '__B3;
                                            }
                                        }
                                    }
                                    __State::Done => __finished(),
                                    _ => break '__B4,
                                }
                            }
                            let (token,) = __to_B3;
                            let mut token = token;
                            {
                                let __child = match (y()) {
                                    __awaited => {
                                        __Awaited(&raw const __awaited).child(__awaited)
                                    }
                                };
                                __overwrite(
                                    &raw mut __state,
                                    __State::S1_line10_y {
                                        __child,
                                        token: token,
                                    },
                                );
                                break '__B4;
                            }
                        }
                        match &mut __state {
                            __State::S1_line10_y { __child, token } => {
                                match __Coroutine::resume_child(
                                    __child,
                                    __cx,
                                    __EXPANSION,
                                ) {
                                    __Pending => return __Pending,
                                    __Cancelled => break '__ended,
                                    __Done(__awaited_2) => {
                                        let token = __take(token);
                                        __Coroutine::conclude(
                                            &raw mut *__child,
                                            &raw mut __state,
                                            __State::Done,
                                            __EXPANSION,
                                        );
                                        let mut token = token;
                                        {
                                            let mut __awaited_2 = __awaited_2;
                                            ::core::mem::drop(__awaited_2);
                                            return __Done(());
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
