use segno_tests::child;
/// Adds two numbers, in its own time.
/**
# States
| state | line | waits for | holds | goes on to |
|---|---|---|---|---|
| 0 | 7 | `the first resume` | `left, right` | 1 |
| 1 | 8 | `await child(left)` | `right` | 2 |
| 2 | 8 | `await child(right)` | `(awaited value)` | end |
*/
#[cfg_attr(
    doc,
    doc = "<div>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 500 292\" width=\"500\" role=\"img\">\n<title>The states of documented</title>\n<g fill=\"none\" stroke=\"currentColor\">\n<rect x=\"35\" y=\"1\" width=\"430\" height=\"56\" rx=\"6\"/>\n<path d=\"M250 57v22\"/><path d=\"M250 79L246 72L254 72Z\" fill=\"currentColor\"/>\n<rect x=\"35\" y=\"79\" width=\"430\" height=\"56\" rx=\"6\"/>\n<path d=\"M250 135v22\"/><path d=\"M250 157L246 150L254 150Z\" fill=\"currentColor\"/>\n<rect x=\"35\" y=\"157\" width=\"430\" height=\"56\" rx=\"6\"/>\n<path d=\"M250 213v22\"/><path d=\"M250 235L246 228L254 228Z\" fill=\"currentColor\"/>\n<rect x=\"35\" y=\"235\" width=\"430\" height=\"56\" rx=\"28\"/>\n</g>\n<g fill=\"currentColor\" font-family=\"monospace\" font-size=\"12\">\n<text x=\"47\" y=\"18\">0 · line 7</text>\n<text x=\"47\" y=\"33\">the first resume</text>\n<text x=\"47\" y=\"48\">holds left, right</text>\n<text x=\"47\" y=\"96\">1 · line 8</text>\n<text x=\"47\" y=\"111\">await child(left)</text>\n<text x=\"47\" y=\"126\">holds right</text>\n<text x=\"47\" y=\"174\">2 · line 8</text>\n<text x=\"47\" y=\"189\">await child(right)</text>\n<text x=\"47\" y=\"204\">holds (awaited value)</text>\n<text x=\"47\" y=\"267\">end</text>\n</g>\n</svg>\n</div>"
)]
pub fn documented(left: u32, right: u32) -> impl ::segno::Awaitable<u32> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> u32 {
                let left = left;
                let right = right;
                {
                    __Returned::<u32> {
                        value: __await(child(left)).wait().output()
                            + __await(child(right)).wait().output(),
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
                Start { left: u32, right: u32 },
                S1_line8_child { __child: C1, right: u32 },
                S2_line8_child { __child: C2, __awaited_2: V2 },
                Done,
            }
            let mut __state = __State::Start { left, right };
            __Machine {
                step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<u32> {
                    '__ended: {
                        let __Some(__cx) = __resumed else { break '__ended };
                        '__B2: {
                            '__B1: {
                                match &mut __state {
                                    __State::Start { left, right } => {
                                        let mut left = __take(left);
                                        let mut right = __take(right);
                                        __overwrite(&raw mut __state, __State::Done);
                                        {
                                            let __child = match (child(left)) {
                                                __awaited => {
                                                    __Awaited(&raw const __awaited).child(__awaited)
                                                }
                                            };
                                            __overwrite(
                                                &raw mut __state,
                                                __State::S1_line8_child {
                                                    __child,
                                                    right: right,
                                                },
                                            );
                                            break '__B1;
                                        }
                                    }
                                    __State::Done => __finished(),
                                    __State::S1_line8_child { .. } => break '__B1,
                                    _ => break '__B2,
                                }
                            }
                            match &mut __state {
                                __State::S1_line8_child { __child, right } => {
                                    match __Coroutine::resume_child(
                                        __child,
                                        __cx,
                                        __EXPANSION,
                                    ) {
                                        __Pending => return __Pending,
                                        __Cancelled => break '__ended,
                                        __Done(__awaited_2) => {
                                            let mut right = __take(right);
                                            __Coroutine::conclude(
                                                &raw mut *__child,
                                                &raw mut __state,
                                                __State::Done,
                                                __EXPANSION,
                                            );
                                            {
                                                let mut __awaited_2 = __awaited_2;
                                                let __child = match (child(right)) {
                                                    __awaited => {
                                                        __Awaited(&raw const __awaited).child(__awaited)
                                                    }
                                                };
                                                __overwrite(
                                                    &raw mut __state,
                                                    __State::S2_line8_child {
                                                        __child,
                                                        __awaited_2: __awaited_2,
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
                            __State::S2_line8_child { __child, __awaited_2 } => {
                                match __Coroutine::resume_child(
                                    __child,
                                    __cx,
                                    __EXPANSION,
                                ) {
                                    __Pending => return __Pending,
                                    __Cancelled => break '__ended,
                                    __Done(__awaited_3) => {
                                        let __awaited_2 = __take(__awaited_2);
                                        __Coroutine::conclude(
                                            &raw mut *__child,
                                            &raw mut __state,
                                            __State::Done,
                                            __EXPANSION,
                                        );
                                        {
                                            let mut __awaited_2 = __awaited_2;
                                            let mut __awaited_3 = __awaited_3;
                                            return __Done(
                                                __Returned::<u32> {
                                                    value: __awaited_2 + __awaited_3,
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
