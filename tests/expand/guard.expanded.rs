use segno_tests::{T, child, y};
pub fn guard() -> impl ::segno::Awaitable<u32> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> u32 {
                let value = T("guard");
                {
                    let _inner = T("inner");
                    __await(y()).wait().output();
                }
                let value = value.0.len() as u32;
                __Returned::<u32> {
                    value: __await(child(value)).wait().output(),
                }
                    .value
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
            enum __State<C1, C2, D0, D1, V0> {
                Start {},
                S1_line10_y { __child: C1, _inner: D1, value: V0 },
                S2_line13_child { __child: C2, value: D0 },
                Done,
            }
            let mut __state = __State::Start {};
            __Machine {
                step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<u32> {
                    '__ended: {
                        let __Some(__cx) = __resumed else { break '__ended };
                        '__B2: {
                            '__B1: {
                                match &mut __state {
                                    __State::Start {} => {
                                        __overwrite(&raw mut __state, __State::Done);
                                        {
                                            let value = T("guard");
                                            {
                                                let _inner = T("inner");
                                                let __child = match (y()) {
                                                    __awaited => {
                                                        __Awaited(&raw const __awaited).child(__awaited)
                                                    }
                                                };
                                                __overwrite(
                                                    &raw mut __state,
                                                    __State::S1_line10_y {
                                                        __child,
                                                        value: value,
                                                        _inner: {
                                                            let __how = (&__probe(&_inner)).holding();
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
                                    __State::Done => __finished(),
                                    __State::S1_line10_y { .. } => break '__B1,
                                    _ => break '__B2,
                                }
                            }
                            match &mut __state {
                                __State::S1_line10_y { __child, value, _inner } => {
                                    match __Coroutine::resume_child(
                                        __child,
                                        __cx,
                                        __EXPANSION,
                                    ) {
                                        __Pending => return __Pending,
                                        __Cancelled => break '__ended,
                                        __Done(__awaited_3) => {
                                            let value = __take(value);
                                            let _inner = __take(_inner);
                                            __Coroutine::conclude(
                                                &raw mut *__child,
                                                &raw mut __state,
                                                __State::Done,
                                                __EXPANSION,
                                            );
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
                                                        __Awaited(&raw const __awaited).child(__awaited)
                                                    }
                                                };
                                                __overwrite(
                                                    &raw mut __state,
                                                    __State::S2_line13_child {
                                                        __child,
                                                        value: {
                                                            let __how = (&__probe(&value)).holding();
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
                                _ => __impossible(),
                            }
                        }
                        match &mut __state {
                            __State::S2_line13_child { __child, value } => {
                                match __Coroutine::resume_child(
                                    __child,
                                    __cx,
                                    __EXPANSION,
                                ) {
                                    __Pending => return __Pending,
                                    __Cancelled => break '__ended,
                                    __Done(__awaited_4) => {
                                        let value = __take(value);
                                        __Coroutine::conclude(
                                            &raw mut *__child,
                                            &raw mut __state,
                                            __State::Done,
                                            __EXPANSION,
                                        );
                                        {
                                            let mut value = value;
                                            let mut __awaited_4 = __awaited_4;
                                            return __Done(
                                                __Returned::<u32> {
                                                    value: __awaited_4,
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
