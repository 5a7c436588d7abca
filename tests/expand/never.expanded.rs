use segno_tests::y;
pub fn never() -> impl ::segno::Awaitable<::segno::machine::Never> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> ::segno::machine::Never {
                loop {
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
            enum __State<C2> {
                Start {},
                S1_line8_y { __child: C2 },
                Done,
            }
            impl<C2> __State<C2> {
                #[inline(always)]
                fn at(&self) -> u16 {
                    match self {
                        Self::Start { .. } => 0,
                        Self::S1_line8_y { .. } => 1,
                        Self::Done => u16::MAX,
                    }
                }
            }
            let mut __state = __State::Start {};
            __Machine {
                step: move |
                    __resumed: __Option<&mut __Context<'_>>,
                | -> __Resume<::segno::machine::Never> {
                    '__ended: {
                        let __Some(__cx) = __resumed else { break '__ended };
                        enum __Next {
                            Resume,
                            B1 {},
                        }
                        let mut __next = __Next::Resume;
                        '__step: loop {
                            '__B2: {
                                let __to_B1;
                                '__B1: {
                                    match __next {
                                        __Next::Resume => {
                                            match __state.at() {
                                                0 => {
                                                    match &mut __state {
                                                        __State::Start {} => {
                                                            __overwrite(&raw mut __state, __State::Done);
                                                            {
                                                                __to_B1 = ();
                                                                break '__B1;
                                                            }
                                                        }
                                                        _ => __impossible(),
                                                    }
                                                }
                                                1 => break '__B2,
                                                _ => __finished(),
                                            }
                                        }
                                        __Next::B1 {} => {
                                            __to_B1 = ();
                                            break '__B1;
                                        }
                                    }
                                }
                                let () = __to_B1;
                                {
                                    {
                                        let __child = match (y()) {
                                            __awaited => {
                                                __Awaited(&raw const __awaited).child(__awaited)
                                            }
                                        };
                                        __overwrite(
                                            &raw mut __state,
                                            __State::S1_line8_y { __child },
                                        );
                                        break '__B2;
                                    }
                                }
                            }
                            match &mut __state {
                                __State::S1_line8_y { __child } => {
                                    match __Coroutine::resume_child(
                                        __child,
                                        __cx,
                                        __EXPANSION,
                                    ) {
                                        __Pending => return __Pending,
                                        __answer => {
                                            __Coroutine::conclude(
                                                &raw mut *__child,
                                                &raw mut __state,
                                                __State::Done,
                                                __EXPANSION,
                                            );
                                            let __Done(__awaited_0) = __answer else {
                                                return __Cancelled
                                            };
                                            {
                                                {
                                                    let mut __awaited_0 = __awaited_0;
                                                    ::core::mem::drop(__awaited_0);
                                                }
                                                __next = __Next::B1 {};
                                                continue '__step;
                                            }
                                        }
                                    }
                                }
                                _ => __impossible(),
                            }
                        }
                    }
                    __state = __State::Done;
                    __Cancelled
                },
                judge: __OutputType::<::segno::machine::Never>(__PhantomData).judge(),
            }
        };
    }
}
pub fn at_once(value: u32) -> impl ::segno::Awaitable<u32> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> u32 {
                let value = value;
                {
                    __Returned::<u32> {
                        value: value + 1,
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
            enum __State {
                Start { value: u32 },
                Done,
            }
            let mut __state = __State::Start { value };
            __Machine {
                step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<u32> {
                    '__ended: {
                        let __Some(__cx) = __resumed else { break '__ended };
                        match &mut __state {
                            __State::Start { value } => {
                                let mut value = __take(value);
                                __overwrite(&raw mut __state, __State::Done);
                                {
                                    return __Done(
                                        __Returned::<u32> {
                                            value: value + 1,
                                        }
                                            .value,
                                    );
                                }
                            }
                            __State::Done => __finished(),
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
