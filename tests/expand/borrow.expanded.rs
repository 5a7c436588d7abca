use segno_tests::{get, y};
pub fn borrow(size: usize) -> impl ::segno::Awaitable<usize> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> usize {
                let size = size;
                {
                    let mut numbers = vec![0; size];
                    for number in numbers.iter_mut() {
                        __await(y()).wait().output();
                        *number += 1;
                    }
                    let sum: usize = numbers.iter().sum();
                    __Returned::<usize> {
                        value: __await(get(&sum)).wait().output(),
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
            enum __State1<C5> {
                S2_line13_get { __child: C5 },
                Done,
            }
            impl<C5> __State1<C5> {
                #[inline(always)]
                fn at(&self) -> u16 {
                    match self {
                        Self::S2_line13_get { .. } => 2,
                        Self::Done => u16::MAX,
                    }
                }
            }
            struct __Region1<C5, X3> {
                __rest: __State1<C5>,
                sum: __Slot<X3>,
            }
            enum __State<C3, C5, V2, V4, X3> {
                Start { size: usize },
                S1_line9_y { __child: C3, number: V2, __iterator_4: V4 },
                __Region1(__Region1<C5, X3>),
                Done,
            }
            impl<C3, C5, V2, V4, X3> __State<C3, C5, V2, V4, X3> {
                #[inline(always)]
                fn at(&self) -> u16 {
                    match self {
                        Self::Start { .. } => 0,
                        Self::S1_line9_y { .. } => 1,
                        Self::__Region1(region) => region.__rest.at(),
                        Self::Done => u16::MAX,
                    }
                }
            }
            let __slot_numbers = __Slot::empty();
            let mut __state = __State::Start { size };
            __AnchoredMachine {
                step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<usize> {
                    unsafe {
                        let __slot_numbers = __slot_numbers.pinned();
                        '__ended: {
                            let __Some(__cx) = __resumed else { break '__ended };
                            enum __Next<G1, V4> {
                                Resume,
                                B1 { __iterator_4: V4, numbers: G1 },
                            }
                            let mut __next = __Next::Resume;
                            '__step: loop {
                                '__B5: {
                                    let __to_B4;
                                    '__B4: {
                                        '__B3: {
                                            let __to_B1;
                                            '__B1: {
                                                match __next {
                                                    __Next::Resume => {
                                                        match __state.at() {
                                                            0 => {
                                                                match &mut __state {
                                                                    __State::Start { size } => {
                                                                        let mut size = __take(size);
                                                                        __overwrite(&raw mut __state, __State::Done);
                                                                        {
                                                                            let mut __in_numbers = vec![0; size];
                                                                            let mut __guard_numbers = __slot_numbers.put(__in_numbers);
                                                                            {
                                                                                let mut __iterator_4 = ::core::iter::IntoIterator::into_iter(
                                                                                    (*__slot_numbers.at()).iter_mut(),
                                                                                );
                                                                                __to_B1 = (__iterator_4, __guard_numbers);
                                                                                break '__B1;
                                                                            }
                                                                        }
                                                                    }
                                                                    _ => __impossible(),
                                                                }
                                                            }
                                                            1 => break '__B3,
                                                            2 => break '__B5,
                                                            _ => __finished(),
                                                        }
                                                    }
                                                    __Next::B1 { numbers, __iterator_4 } => {
                                                        __to_B1 = (__iterator_4, numbers);
                                                        break '__B1;
                                                    }
                                                }
                                            }
                                            let (__iterator_4, numbers) = __to_B1;
                                            {
                                                let mut __guard_numbers = numbers;
                                                {
                                                    let mut __iterator_4 = __iterator_4;
                                                    match ::core::iter::Iterator::next(&mut __iterator_4) {
                                                        ::core::option::Option::Some(number) => {
                                                            let __child = match (y()) {
                                                                __awaited => {
                                                                    __Awaited(&raw const __awaited).child(__awaited)
                                                                }
                                                            };
                                                            __overwrite(
                                                                &raw mut __state,
                                                                __State::S1_line9_y {
                                                                    __child,
                                                                    __iterator_4: __iterator_4,
                                                                    number: number,
                                                                },
                                                            );
                                                            __guard_numbers.suspend();
                                                            break '__B3;
                                                        }
                                                        ::core::option::Option::None => {
                                                            __to_B4 = (__guard_numbers,);
                                                            break '__B4;
                                                        }
                                                        _ => __never(),
                                                    }
                                                }
                                            }
                                        }
                                        match &mut __state {
                                            __State::S1_line9_y { __child, __iterator_4, number } => {
                                                match __Coroutine::resume_child(
                                                    __child,
                                                    __cx,
                                                    __EXPANSION,
                                                ) {
                                                    __Pending => return __Pending,
                                                    __Cancelled => break '__ended,
                                                    __Done(__awaited_5) => {
                                                        let __guard_numbers = __slot_numbers.guard();
                                                        let __iterator_4 = __take(__iterator_4);
                                                        let number = __take(number);
                                                        __Coroutine::conclude(
                                                            &raw mut *__child,
                                                            &raw mut __state,
                                                            __State::Done,
                                                            __EXPANSION,
                                                        );
                                                        let numbers = __guard_numbers;
                                                        {
                                                            let mut __guard_numbers = numbers;
                                                            {
                                                                let mut __iterator_4 = __iterator_4;
                                                                {
                                                                    let mut number = number;
                                                                    {
                                                                        let mut __awaited_5 = __awaited_5;
                                                                        ::core::mem::drop(__awaited_5);
                                                                        *number += 1;
                                                                    }
                                                                }
                                                                __next = __Next::B1 {
                                                                    numbers: __guard_numbers,
                                                                    __iterator_4: __iterator_4,
                                                                };
                                                                continue '__step;
                                                            }
                                                        }
                                                    }
                                                }
                                            }
                                            _ => __impossible(),
                                        }
                                    }
                                    let (numbers,) = __to_B4;
                                    let mut __region_1;
                                    let mut __slot_sum;
                                    {
                                        let mut __guard_numbers = numbers;
                                        let __in_sum: usize = (*__slot_numbers.at()).iter().sum();
                                        __overwrite(
                                            &raw mut __state,
                                            __State::__Region1(__Region1 {
                                                __rest: __State1::Done,
                                                sum: __Slot::empty(),
                                            }),
                                        );
                                        __region_1 = match &mut __state {
                                            __State::__Region1(__region) => &raw mut *__region,
                                            _ => __impossible(),
                                        };
                                        __slot_sum = (*__region_1).sum.pinned();
                                        let mut __guard_sum = __slot_sum.put(__in_sum);
                                        let __child = match (get(&(*__slot_sum.at()))) {
                                            __awaited => {
                                                __Awaited(&raw const __awaited).child(__awaited)
                                            }
                                        };
                                        __overwrite(
                                            &raw mut (*__region_1).__rest,
                                            __State1::S2_line13_get { __child },
                                        );
                                        __guard_numbers.suspend();
                                        __guard_sum.suspend();
                                        break '__B5;
                                    }
                                }
                                let mut __region_1;
                                let mut __slot_sum;
                                __region_1 = match &mut __state {
                                    __State::__Region1(__region) => &raw mut *__region,
                                    _ => __impossible(),
                                };
                                __slot_sum = (*__region_1).sum.pinned();
                                match &mut (*__region_1).__rest {
                                    __State1::S2_line13_get { __child } => {
                                        match __Coroutine::resume_child(
                                            __child,
                                            __cx,
                                            __EXPANSION,
                                        ) {
                                            __Pending => return __Pending,
                                            __Cancelled => break '__ended,
                                            __Done(__awaited_6) => {
                                                let __guard_numbers = __slot_numbers.guard();
                                                let __guard_sum = __slot_sum.guard();
                                                __Coroutine::conclude(
                                                    &raw mut *__child,
                                                    &raw mut (*__region_1).__rest,
                                                    __State1::Done,
                                                    __EXPANSION,
                                                );
                                                let numbers = __guard_numbers;
                                                let sum = __guard_sum;
                                                {
                                                    let mut __guard_numbers = numbers;
                                                    let mut __guard_sum = sum;
                                                    let mut __awaited_6 = __awaited_6;
                                                    return __Done(
                                                        __Returned::<usize> {
                                                            value: __awaited_6,
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
                        }
                        match &mut __state {
                            __State::Start { size } => {
                                let mut size = __take(size);
                                __overwrite(&raw mut __state, __State::Done);
                            }
                            __State::__Region1(__region) => {
                                let mut __region_1;
                                let mut __slot_sum;
                                __region_1 = &raw mut *__region;
                                __slot_sum = (*__region_1).sum.pinned();
                                match &mut (*__region_1).__rest {
                                    __State1::Done => {}
                                    _ => {
                                        let __guard_numbers = __slot_numbers.guard();
                                        let __guard_sum = __slot_sum.guard();
                                        (*__region_1).__rest = __State1::Done;
                                    }
                                }
                            }
                            __State::Done => {}
                            _ => {
                                let __guard_numbers = __slot_numbers.guard();
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
