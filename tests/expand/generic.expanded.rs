use core::fmt::Debug;
use segno_tests::{get, id};
pub fn generic<'co, '__elided_0, T: Copy, const N: usize>(
    values: [T; N],
    other: &'__elided_0 T,
    shown: impl Debug + 'co,
) -> impl ::segno::Awaitable<(T, String)>
where
    '__elided_0: 'co,
    T: 'co,
{
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> (T, String) {
                let values = values;
                let other = other;
                let shown = shown;
                {
                    let first = values[0];
                    let value = __await(get(&first)).wait().output();
                    let text = __await(id(format!("{shown:?}"))).wait().output();
                    let _ = other;
                    __Returned::<(T, String)> {
                        value: (value, text),
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
            enum __State<C1, C2, D0, D2, V0, V1, V2, V4> {
                Start { values: V0, other: V1, shown: V2 },
                S1_line10_get { __child: C1, shown: V2, other: V1, values: D0 },
                S2_line11_id {
                    __child: C2,
                    value: V4,
                    shown: D2,
                    other: V1,
                    values: D0,
                },
                Done,
            }
            let __slot_first = __Slot::empty();
            let mut __state = __State::Start {
                values,
                other,
                shown,
            };
            __AnchoredMachine {
                step: move |
                    __resumed: __Option<&mut __Context<'_>>,
                | -> __Resume<(T, String)> {
                    unsafe {
                        let __slot_first = __slot_first.pinned();
                        '__ended: {
                            let __Some(__cx) = __resumed else { break '__ended };
                            '__B2: {
                                '__B1: {
                                    match &mut __state {
                                        __State::Start { values, other, shown } => {
                                            let mut values = __take(values);
                                            let mut other = __take(other);
                                            let mut shown = __take(shown);
                                            __overwrite(&raw mut __state, __State::Done);
                                            {
                                                let __in_first = values[0];
                                                let mut __guard_first = __slot_first.put(__in_first);
                                                let __child = match (get(&(*__slot_first.at()))) {
                                                    __awaited => {
                                                        __Awaited(&raw const __awaited).child(__awaited)
                                                    }
                                                };
                                                __overwrite(
                                                    &raw mut __state,
                                                    __State::S1_line10_get {
                                                        __child,
                                                        values: {
                                                            let __how = (&__probe(&values)).holding();
                                                            if __how.keeps(&values) {
                                                                __how.hold(values)
                                                            } else {
                                                                __how.nothing(&values)
                                                            }
                                                        },
                                                        other: other,
                                                        shown: shown,
                                                    },
                                                );
                                                __guard_first.suspend();
                                                break '__B1;
                                            }
                                        }
                                        __State::Done => __finished(),
                                        __State::S1_line10_get { .. } => break '__B1,
                                        _ => break '__B2,
                                    }
                                }
                                match &mut __state {
                                    __State::S1_line10_get { __child, values, other, shown } => {
                                        match __Coroutine::resume_child(
                                            __child,
                                            __cx,
                                            __EXPANSION,
                                        ) {
                                            __Pending => return __Pending,
                                            __Cancelled => break '__ended,
                                            __Done(__awaited_6) => {
                                                let values = __take(values);
                                                let other = __take(other);
                                                let shown = __take(shown);
                                                let __guard_first = __slot_first.guard();
                                                __Coroutine::conclude(
                                                    &raw mut *__child,
                                                    &raw mut __state,
                                                    __State::Done,
                                                    __EXPANSION,
                                                );
                                                let first = __guard_first;
                                                let mut values = values;
                                                let mut other = other;
                                                let mut shown = shown;
                                                {
                                                    let mut __guard_first = first;
                                                    let mut __awaited_6 = __awaited_6;
                                                    let value = __awaited_6;
                                                    let __child = match (id(format!("{shown:?}"))) {
                                                        __awaited => {
                                                            __Awaited(&raw const __awaited).child(__awaited)
                                                        }
                                                    };
                                                    __overwrite(
                                                        &raw mut __state,
                                                        __State::S2_line11_id {
                                                            __child,
                                                            values: values,
                                                            other: other,
                                                            shown: {
                                                                let __how = (&__probe(&shown)).holding();
                                                                if __how.keeps(&shown) {
                                                                    __how.hold(shown)
                                                                } else {
                                                                    __how.nothing(&shown)
                                                                }
                                                            },
                                                            value: value,
                                                        },
                                                    );
                                                    __guard_first.suspend();
                                                    break '__B2;
                                                }
                                            }
                                        }
                                    }
                                    _ => __impossible(),
                                }
                            }
                            match &mut __state {
                                __State::S2_line11_id {
                                    __child,
                                    values,
                                    other,
                                    shown,
                                    value,
                                } => {
                                    match __Coroutine::resume_child(
                                        __child,
                                        __cx,
                                        __EXPANSION,
                                    ) {
                                        __Pending => return __Pending,
                                        __Cancelled => break '__ended,
                                        __Done(__awaited_7) => {
                                            let values = __take(values);
                                            let other = __take(other);
                                            let shown = __take(shown);
                                            let __guard_first = __slot_first.guard();
                                            let value = __take(value);
                                            __Coroutine::conclude(
                                                &raw mut *__child,
                                                &raw mut __state,
                                                __State::Done,
                                                __EXPANSION,
                                            );
                                            let first = __guard_first;
                                            let mut values = values;
                                            let mut other = other;
                                            let mut shown = shown;
                                            {
                                                let mut __guard_first = first;
                                                let mut value = value;
                                                let mut __awaited_7 = __awaited_7;
                                                let text = __awaited_7;
                                                let _ = other;
                                                return __Done(
                                                    __Returned::<(T, String)> {
                                                        value: (value, text),
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
                        match &mut __state {
                            __State::Start { values, other, shown } => {
                                let mut shown = __take(shown);
                                let mut other = __take(other);
                                let mut values = __take(values);
                                __overwrite(&raw mut __state, __State::Done);
                            }
                            __State::S1_line10_get { __child, values, other, shown } => {
                                let values = __take(values);
                                let other = __take(other);
                                let shown = __take(shown);
                                let __guard_first = __slot_first.guard();
                                __abandon(
                                    &raw mut *__child,
                                    &raw mut __state,
                                    __State::Done,
                                );
                            }
                            __State::S2_line11_id {
                                __child,
                                values,
                                other,
                                shown,
                                value,
                            } => {
                                let values = __take(values);
                                let other = __take(other);
                                let shown = __take(shown);
                                let __guard_first = __slot_first.guard();
                                let value = __take(value);
                                __abandon(
                                    &raw mut *__child,
                                    &raw mut __state,
                                    __State::Done,
                                );
                            }
                            __State::Done => {}
                        }
                        __Cancelled
                    }
                },
                judge: __NoError,
            }
        };
    }
}
