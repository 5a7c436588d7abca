use segno_tests::{T, child, two};
fn add(name: &T, number: u32, more: u8) -> u32 {
    name.0.len() as u32 + number + u32::from(more)
}
pub fn operands(name: T) -> impl ::segno::Awaitable<u32> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> u32 {
                let name = name;
                {
                    __Returned::<u32> {
                        value: add(
                            &T("one"),
                            __await(child(1)).wait().output(),
                            __await(two(&name, T("three"))).wait().output(),
                        ) + __await(child(4)).wait().output() * 2,
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
            enum __State<C1, C2, C3, V2, V3, V5> {
                Start {},
                S1_line11_child { __child: C1, __operand_2: V2 },
                S2_line11_two { __child: C2, __awaited_3: V3, __operand_2: V2 },
                S3_line11_child { __child: C3, __operand_5: V5 },
                Done,
            }
            let __slot_name = __Slot::filled(name);
            let __slot___held_1 = __Slot::empty();
            let mut __state = __State::Start {};
            __AnchoredMachine {
                step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<u32> {
                    unsafe {
                        let __slot_name = __slot_name.pinned();
                        let __slot___held_1 = __slot___held_1.pinned();
                        '__ended: {
                            let __Some(__cx) = __resumed else { break '__ended };
                            '__B3: {
                                '__B2: {
                                    '__B1: {
                                        match &mut __state {
                                            __State::Start {} => {
                                                __overwrite(&raw mut __state, __State::Done);
                                                let name = __slot_name.guard();
                                                let mut __guard_name = name;
                                                {
                                                    {
                                                        let mut __in___held_1 = T("one");
                                                        let mut __guard___held_1 = __slot___held_1
                                                            .put(__in___held_1);
                                                        let mut __operand_2 = &(*__slot___held_1.at());
                                                        let __child = match (child(1)) {
                                                            __awaited => {
                                                                __Awaited(&raw const __awaited).child(__awaited)
                                                            }
                                                        };
                                                        __overwrite(
                                                            &raw mut __state,
                                                            __State::S1_line11_child {
                                                                __child,
                                                                __operand_2: __operand_2,
                                                            },
                                                        );
                                                        __guard_name.suspend();
                                                        __guard___held_1.suspend();
                                                        break '__B1;
                                                    }
                                                }
                                            }
                                            __State::Done => __finished(),
                                            __State::S1_line11_child { .. } => break '__B1,
                                            __State::S2_line11_two { .. } => break '__B2,
                                            _ => break '__B3,
                                        }
                                    }
                                    match &mut __state {
                                        __State::S1_line11_child { __child, __operand_2 } => {
                                            match __Coroutine::resume_child(
                                                __child,
                                                __cx,
                                                __EXPANSION,
                                            ) {
                                                __Pending => return __Pending,
                                                __Cancelled => break '__ended,
                                                __Done(__awaited_3) => {
                                                    let __guard_name = __slot_name.guard();
                                                    let __guard___held_1 = __slot___held_1.guard();
                                                    let __operand_2 = __take(__operand_2);
                                                    __Coroutine::conclude(
                                                        &raw mut *__child,
                                                        &raw mut __state,
                                                        __State::Done,
                                                        __EXPANSION,
                                                    );
                                                    let name = __guard_name;
                                                    let __held_1 = __guard___held_1;
                                                    let mut __guard_name = name;
                                                    {
                                                        {
                                                            let mut __guard___held_1 = __held_1;
                                                            let mut __operand_2 = __operand_2;
                                                            let mut __awaited_3 = __awaited_3;
                                                            let __child = match (two(
                                                                &(*__slot_name.at()),
                                                                T("three"),
                                                            )) {
                                                                __awaited => {
                                                                    __Awaited(&raw const __awaited).child(__awaited)
                                                                }
                                                            };
                                                            __overwrite(
                                                                &raw mut __state,
                                                                __State::S2_line11_two {
                                                                    __child,
                                                                    __operand_2: __operand_2,
                                                                    __awaited_3: __awaited_3,
                                                                },
                                                            );
                                                            __guard_name.suspend();
                                                            __guard___held_1.suspend();
                                                            break '__B2;
                                                        }
                                                    }
                                                }
                                            }
                                        }
                                        _ => __impossible(),
                                    }
                                }
                                match &mut __state {
                                    __State::S2_line11_two {
                                        __child,
                                        __operand_2,
                                        __awaited_3,
                                    } => {
                                        match __Coroutine::resume_child(
                                            __child,
                                            __cx,
                                            __EXPANSION,
                                        ) {
                                            __Pending => return __Pending,
                                            __Cancelled => break '__ended,
                                            __Done(__awaited_4) => {
                                                let __guard_name = __slot_name.guard();
                                                let __guard___held_1 = __slot___held_1.guard();
                                                let __operand_2 = __take(__operand_2);
                                                let __awaited_3 = __take(__awaited_3);
                                                __Coroutine::conclude(
                                                    &raw mut *__child,
                                                    &raw mut __state,
                                                    __State::Done,
                                                    __EXPANSION,
                                                );
                                                let name = __guard_name;
                                                let __held_1 = __guard___held_1;
                                                let mut __guard_name = name;
                                                {
                                                    {
                                                        let mut __guard___held_1 = __held_1;
                                                        let mut __awaited_4 = __awaited_4;
                                                        let mut __operand_2 = __operand_2;
                                                        let mut __awaited_3 = __awaited_3;
                                                        let mut __operand_5 = add(
                                                            __operand_2,
                                                            __awaited_3,
                                                            __awaited_4,
                                                        );
                                                        let __child = match (child(4)) {
                                                            __awaited => {
                                                                __Awaited(&raw const __awaited).child(__awaited)
                                                            }
                                                        };
                                                        __overwrite(
                                                            &raw mut __state,
                                                            __State::S3_line11_child {
                                                                __child,
                                                                __operand_5: __operand_5,
                                                            },
                                                        );
                                                        __guard_name.suspend();
                                                        __guard___held_1.suspend();
                                                        break '__B3;
                                                    }
                                                }
                                            }
                                        }
                                    }
                                    _ => __impossible(),
                                }
                            }
                            match &mut __state {
                                __State::S3_line11_child { __child, __operand_5 } => {
                                    match __Coroutine::resume_child(
                                        __child,
                                        __cx,
                                        __EXPANSION,
                                    ) {
                                        __Pending => return __Pending,
                                        __Cancelled => break '__ended,
                                        __Done(__awaited_6) => {
                                            let __guard_name = __slot_name.guard();
                                            let __guard___held_1 = __slot___held_1.guard();
                                            let __operand_5 = __take(__operand_5);
                                            __Coroutine::conclude(
                                                &raw mut *__child,
                                                &raw mut __state,
                                                __State::Done,
                                                __EXPANSION,
                                            );
                                            let name = __guard_name;
                                            let __held_1 = __guard___held_1;
                                            let mut __guard_name = name;
                                            {
                                                {
                                                    let mut __guard___held_1 = __held_1;
                                                    let mut __operand_5 = __operand_5;
                                                    let mut __awaited_6 = __awaited_6;
                                                    return __Done(
                                                        __Returned::<u32> {
                                                            value: __operand_5 + __awaited_6 * 2,
                                                        }
                                                            .value,
                                                    );
                                                }
                                            }
                                        }
                                    }
                                }
                                _ => __impossible(),
                            }
                        }
                        match &mut __state {
                            __State::Start {} => {
                                let __guard_name = __slot_name.guard();
                                __overwrite(&raw mut __state, __State::Done);
                            }
                            __State::Done => {}
                            _ => {
                                let __guard_name = __slot_name.guard();
                                let __guard___held_1 = __slot___held_1.guard();
                                __state = __State::Done;
                            }
                        }
                        __Cancelled
                    }
                },
                judge: __NoError,
            }
        };
    }
}
