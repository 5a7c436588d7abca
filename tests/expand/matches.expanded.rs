use segno_tests::{T, child, id};
pub fn matches(token: T) -> impl ::segno::Awaitable<u32> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> u32 {
                let token = token;
                {
                    match __await(id((token, 4))).wait().output() {
                        (T("a"), number) => __Returned::<u32> { value: number }.value,
                        (_, 0) => __Returned::<u32> { value: 0 }.value,
                        (T(name), number) if number > 3 => {
                            __Returned::<u32> {
                                value: __await(child(name.len() as u32)).wait().output(),
                            }
                                .value
                        }
                        (token, number) => {
                            __Returned::<u32> {
                                value: __await(child(number)).wait().output()
                                    + token.0.len() as u32,
                            }
                                .value
                        }
                    }
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
            enum __State<C1, C5, C7, D2, D3, V0, V4> {
                Start { token: V0 },
                S1_line7_id { __child: C1 },
                S2_line10_child { __child: C5, number__2: D3, name: D2 },
                S3_line11_child { __child: C7, token__2: V4 },
                Done,
            }
            let mut __state = __State::Start { token };
            __Machine {
                step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<u32> {
                    '__ended: {
                        let __Some(__cx) = __resumed else { break '__ended };
                        '__B7: {
                            '__B5: {
                                '__B1: {
                                    match &mut __state {
                                        __State::Start { token } => {
                                            let mut token = __take(token);
                                            __overwrite(&raw mut __state, __State::Done);
                                            {
                                                {
                                                    let __child = match (id((token, 4))) {
                                                        __awaited => {
                                                            __Awaited(&raw const __awaited).child(__awaited)
                                                        }
                                                    };
                                                    __overwrite(
                                                        &raw mut __state,
                                                        __State::S1_line7_id { __child },
                                                    );
                                                    break '__B1;
                                                }
                                            }
                                        }
                                        __State::Done => __finished(),
                                        __State::S1_line7_id { .. } => break '__B1,
                                        __State::S2_line10_child { .. } => break '__B5,
                                        _ => break '__B7,
                                    }
                                }
                                match &mut __state {
                                    __State::S1_line7_id { __child } => {
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
                                                let __Done(__awaited_6) = __answer else {
                                                    return __Cancelled
                                                };
                                                {
                                                    {
                                                        let mut __awaited_6 = __awaited_6;
                                                        (&__probe(&__awaited_6)).taken::<8, 9>();
                                                        (&__probe(&__awaited_6)).taken::<10, 9>();
                                                        (&__probe(&__awaited_6)).taken::<11, 9>();
                                                        match ('__chosen: {
                                                            '__on: {
                                                                break '__chosen match __awaited_6 {
                                                                    (T("a"), _) => 0usize,
                                                                    (_, 0) => 1usize,
                                                                    (
                                                                        T(_),
                                                                        number__2,
                                                                    ) if {
                                                                        if number__2 > 3 {
                                                                            break '__chosen 2usize;
                                                                        }
                                                                        break '__on;
                                                                    } => __never(),
                                                                    _ => break '__on,
                                                                };
                                                            }
                                                            match __awaited_6 {
                                                                (_, _) => 3usize,
                                                                _ => __never(),
                                                            }
                                                        }) {
                                                            0usize => {
                                                                let ((T("a"), number)) = (__awaited_6) else { __never() };
                                                                {
                                                                    return __Done(__Returned::<u32> { value: number }.value);
                                                                }
                                                            }
                                                            1usize => {
                                                                let ((_, 0)) = (__awaited_6) else { __never() };
                                                                {
                                                                    return __Done(__Returned::<u32> { value: 0 }.value);
                                                                }
                                                            }
                                                            2usize => {
                                                                let ((T(name), number__2)) = (__awaited_6) else {
                                                                    __never()
                                                                };
                                                                {
                                                                    let __child = match (child(name.len() as u32)) {
                                                                        __awaited => {
                                                                            __Awaited(&raw const __awaited).child(__awaited)
                                                                        }
                                                                    };
                                                                    __overwrite(
                                                                        &raw mut __state,
                                                                        __State::S2_line10_child {
                                                                            __child,
                                                                            name: {
                                                                                let __how = (&__probe(&name)).holding();
                                                                                if __how.keeps(&name) {
                                                                                    __how.hold(name)
                                                                                } else {
                                                                                    __how.nothing(&name)
                                                                                }
                                                                            },
                                                                            number__2: {
                                                                                let __how = (&__probe(&number__2)).holding();
                                                                                if __how.keeps(&number__2) {
                                                                                    __how.hold(number__2)
                                                                                } else {
                                                                                    __how.nothing(&number__2)
                                                                                }
                                                                            },
                                                                        },
                                                                    );
                                                                    break '__B5;
                                                                }
                                                            }
                                                            3usize => {
                                                                let ((token__2, number__3)) = (__awaited_6) else {
                                                                    __never()
                                                                };
                                                                {
                                                                    let __child = match (child(number__3)) {
                                                                        __awaited => {
                                                                            __Awaited(&raw const __awaited).child(__awaited)
                                                                        }
                                                                    };
                                                                    __overwrite(
                                                                        &raw mut __state,
                                                                        __State::S3_line11_child {
                                                                            __child,
                                                                            token__2: token__2,
                                                                        },
                                                                    );
                                                                    break '__B7;
                                                                }
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
                            match &mut __state {
                                __State::S2_line10_child { __child, name, number__2 } => {
                                    match __Coroutine::resume_child(
                                        __child,
                                        __cx,
                                        __EXPANSION,
                                    ) {
                                        __Pending => return __Pending,
                                        __Cancelled => break '__ended,
                                        __Done(__awaited_7) => {
                                            let name = __take(name);
                                            let number__2 = __take(number__2);
                                            __Coroutine::conclude(
                                                &raw mut *__child,
                                                &raw mut __state,
                                                __State::Done,
                                                __EXPANSION,
                                            );
                                            {
                                                {
                                                    {
                                                        let mut name = name;
                                                        let mut number__2 = number__2;
                                                        let mut __awaited_7 = __awaited_7;
                                                        return __Done(
                                                            __Returned::<u32> {
                                                                value: __awaited_7,
                                                            }
                                                                .value,
                                                        );
                                                    }
                                                }
                                            }
                                        }
                                    }
                                }
                                _ => __impossible(),
                            }
                        }
                        match &mut __state {
                            __State::S3_line11_child { __child, token__2 } => {
                                match __Coroutine::resume_child(
                                    __child,
                                    __cx,
                                    __EXPANSION,
                                ) {
                                    __Pending => return __Pending,
                                    __Cancelled => break '__ended,
                                    __Done(__awaited_8) => {
                                        let token__2 = __take(token__2);
                                        __Coroutine::conclude(
                                            &raw mut *__child,
                                            &raw mut __state,
                                            __State::Done,
                                            __EXPANSION,
                                        );
                                        {
                                            {
                                                {
                                                    let mut token__2 = token__2;
                                                    let mut __awaited_8 = __awaited_8;
                                                    return __Done(
                                                        __Returned::<u32> {
                                                            value: __awaited_8 + token__2.0.len() as u32,
                                                        }
                                                            .value,
                                                    );
                                                }
                                            }
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
