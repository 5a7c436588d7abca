use segno_tests::{get, y};
#[allow(
    non_snake_case,
    clippy::multiple_bound_locations,
    clippy::extra_unused_lifetimes,
    clippy::needless_lifetimes,
    clippy::implied_bounds_in_impls
)]
pub fn borrow(
    size: usize,
) -> impl ::segno::bridge::IsFuture + ::segno::Coroutine<Output = usize> {
    #[allow(unused_braces)]
    let () = if false {
        use ::segno::bridge::{
            AwaitedCoroutine as _, AwaitedFuture as _, AwaitedNeither as _,
        };
        ::segno::machine::twin(move || -> usize {
            let __result = ::segno::machine::Output::<usize>::new();
            let size = size;
            {
                let mut numbers = vec![0; size];
                for number in numbers.iter_mut() {
                    (match y() {
                        __awaited => {
                            let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                .awaited_as();
                            __kind.wait(__awaited)
                        }
                    })
                        .output();
                    *number += 1;
                }
                let sum: usize = numbers.iter().sum();
                ::segno::machine::Returned {
                    of: __result,
                    value: (match get(&sum) {
                        __awaited => {
                            let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                .awaited_as();
                            __kind.wait(__awaited)
                        }
                    })
                        .output(),
                }
                    .value
            }
        });
    };
    #[deny(unsafe_op_in_unsafe_fn)]
    #[allow(
        unused,
        nonstandard_style,
        unreachable_code,
        non_shorthand_field_patterns,
        warnings,
        dangerous_implicit_autorefs,
        clippy::all,
        clippy::pedantic,
        clippy::nursery,
        clippy::restriction
    )]
    let __machine = {
        use ::segno::bridge::{
            AwaitedCoroutine as _, AwaitedFuture as _, AwaitedNeither as _,
        };
        use ::segno::machine::{
            AnyOutput as _, ProbeBorrow as _, ProbeIterator as _, ProbeOption as _,
            ProbeResult as _, ProbeNeither as _, ProbeCopy as _, ProbeDestructor as _,
            ProbeMove as _, ProbeNoDestructor as _, ProbeOther as _, Leave as _,
            LeaveNot as _, ReturnUnit as _, ReturnOther as _, Try as _, TryNot as _,
            ProbeReference as _, ProbeMutable as _, ProbeValue as _,
        };
        enum __Block<G1, G3, V0, V2, V4, V5, V6> {
            B0 { size: V0 },
            B1 { __iterator_4: V4, numbers: G1 },
            B3 { __awaited_5: V5, number: V2, __iterator_4: V4, numbers: G1 },
            B4 { numbers: G1 },
            B5 { __awaited_6: V6, sum: G3, numbers: G1 },
        }
        enum __State1<C5> {
            S2_line13_get { __child: C5 },
            Done,
        }
        struct __Region1<C5, X3> {
            __rest: __State1<C5>,
            sum: ::segno::machine::Slot<X3>,
        }
        enum __State<C3, C5, V0, V2, V4, X3> {
            Start { size: V0 },
            S1_line9_y { __child: C3, number: V2, __iterator_4: V4 },
            __Region1(__Region1<C5, X3>),
            Done,
        }
        let __slot_numbers = ::segno::machine::Slot::empty();
        let mut __state = __State::Start { size };
        ::segno::machine::AnchoredMachine::new(
            move |
                __resumed: ::core::option::Option<&mut ::segno::Context<'_>>,
            | -> ::segno::Resume<usize> {
                unsafe {
                    let __slot_numbers = __slot_numbers.pinned();
                    if let ::core::option::Option::Some(__cx) = __resumed {
                        let __result = ::segno::machine::Output::<usize>::new();
                        '__resume: loop {
                            let mut __next = match &mut __state {
                                __State::Start { size } => {
                                    let size = ::segno::machine::take(size);
                                    ::segno::machine::overwrite(&mut __state, __State::Done);
                                    __Block::B0 { size }
                                }
                                __State::S1_line9_y { __child, __iterator_4, number } => {
                                    match ::segno::machine::resume_child(__child, __cx) {
                                        ::segno::Resume::Pending => return ::segno::Resume::Pending,
                                        ::segno::Resume::Cancelled => {
                                            break '__resume;
                                        }
                                        ::segno::Resume::Done(__output) => {
                                            let __guard_numbers = __slot_numbers.guard();
                                            let __iterator_4 = ::segno::machine::take(__iterator_4);
                                            let number = ::segno::machine::take(number);
                                            ::segno::machine::conclude(
                                                ::core::ptr::from_mut(__child),
                                                &raw mut __state,
                                                __State::Done,
                                            );
                                            __Block::B3 {
                                                numbers: __guard_numbers,
                                                __iterator_4,
                                                number,
                                                __awaited_5: __output,
                                            }
                                        }
                                    }
                                }
                                __State::__Region1(__region) => {
                                    let mut __region_1;
                                    let mut __slot_sum;
                                    __region_1 = ::core::ptr::from_mut(__region);
                                    __slot_sum = (*__region_1).sum.pinned();
                                    match &mut (*__region_1).__rest {
                                        __State1::S2_line13_get { __child } => {
                                            match ::segno::machine::resume_child(__child, __cx) {
                                                ::segno::Resume::Pending => return ::segno::Resume::Pending,
                                                ::segno::Resume::Cancelled => {
                                                    break '__resume;
                                                }
                                                ::segno::Resume::Done(__output) => {
                                                    let __guard_numbers = __slot_numbers.guard();
                                                    let __guard_sum = __slot_sum.guard();
                                                    ::segno::machine::conclude(
                                                        ::core::ptr::from_mut(__child),
                                                        &raw mut (*__region_1).__rest,
                                                        __State1::Done,
                                                    );
                                                    __Block::B5 {
                                                        numbers: __guard_numbers,
                                                        sum: __guard_sum,
                                                        __awaited_6: __output,
                                                    }
                                                }
                                            }
                                        }
                                        __State1::Done => ::segno::machine::finished(),
                                    }
                                }
                                __State::Done => ::segno::machine::finished(),
                            };
                            '__step: loop {
                                match __next {
                                    __Block::B0 { size } => {
                                        let mut size = size;
                                        {
                                            let mut __in_numbers = vec![0; size];
                                            let mut __guard_numbers = __slot_numbers.put(__in_numbers);
                                            {
                                                let mut __iterator_4 = ::core::iter::IntoIterator::into_iter(
                                                    (*__slot_numbers.at()).iter_mut(),
                                                );
                                                __next = __Block::B1 {
                                                    numbers: __guard_numbers,
                                                    __iterator_4: __iterator_4,
                                                };
                                                continue '__step;
                                            }
                                        }
                                    }
                                    __Block::B1 { numbers, __iterator_4 } => {
                                        let mut __guard_numbers = numbers;
                                        {
                                            let mut __iterator_4 = __iterator_4;
                                            match ::core::iter::Iterator::next(&mut __iterator_4) {
                                                ::core::option::Option::Some(number) => {
                                                    let __child = match (y()) {
                                                        __awaited => {
                                                            let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                                                .awaited_as();
                                                            __kind.child(__awaited)
                                                        }
                                                    };
                                                    ::segno::machine::overwrite(
                                                        &mut __state,
                                                        __State::S1_line9_y {
                                                            __child,
                                                            __iterator_4: __iterator_4,
                                                            number: number,
                                                        },
                                                    );
                                                    __guard_numbers.suspend();
                                                    continue '__resume;
                                                }
                                                ::core::option::Option::None => {
                                                    __next = __Block::B4 {
                                                        numbers: __guard_numbers,
                                                    };
                                                    continue '__step;
                                                }
                                                _ => ::segno::machine::never(),
                                            }
                                        }
                                    }
                                    __Block::B3 {
                                        numbers,
                                        __iterator_4,
                                        number,
                                        __awaited_5,
                                    } => {
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
                                            __next = __Block::B1 {
                                                numbers: __guard_numbers,
                                                __iterator_4: __iterator_4,
                                            };
                                            continue '__step;
                                        }
                                    }
                                    __Block::B4 { numbers } => {
                                        let mut __region_1;
                                        let mut __slot_sum;
                                        {
                                            let mut __guard_numbers = numbers;
                                            let __in_sum: usize = (*__slot_numbers.at()).iter().sum();
                                            ::segno::machine::overwrite(
                                                &mut __state,
                                                __State::__Region1(__Region1 {
                                                    __rest: __State1::Done,
                                                    sum: ::segno::machine::Slot::empty(),
                                                }),
                                            );
                                            __region_1 = match &mut __state {
                                                __State::__Region1(__region) => {
                                                    ::core::ptr::from_mut(__region)
                                                }
                                                _ => ::segno::machine::impossible(),
                                            };
                                            __slot_sum = (*__region_1).sum.pinned();
                                            let mut __guard_sum = __slot_sum.put(__in_sum);
                                            let __child = match (get(&(*__slot_sum.at()))) {
                                                __awaited => {
                                                    let __kind = (&&&::segno::bridge::awaited(&__awaited))
                                                        .awaited_as();
                                                    __kind.child(__awaited)
                                                }
                                            };
                                            ::segno::machine::overwrite(
                                                &mut (*__region_1).__rest,
                                                __State1::S2_line13_get { __child },
                                            );
                                            __guard_numbers.suspend();
                                            __guard_sum.suspend();
                                            continue '__resume;
                                        }
                                    }
                                    __Block::B5 { numbers, sum, __awaited_6 } => {
                                        let mut __region_1;
                                        let mut __slot_sum;
                                        __region_1 = match &mut __state {
                                            __State::__Region1(__region) => {
                                                ::core::ptr::from_mut(__region)
                                            }
                                            _ => ::segno::machine::impossible(),
                                        };
                                        __slot_sum = (*__region_1).sum.pinned();
                                        {
                                            let mut __guard_numbers = numbers;
                                            let mut __guard_sum = sum;
                                            let mut __awaited_6 = __awaited_6;
                                            return ::segno::Resume::Done(
                                                ::segno::machine::Returned {
                                                    of: __result,
                                                    value: __awaited_6,
                                                }
                                                    .value,
                                            );
                                        }
                                    }
                                }
                            }
                        }
                    }
                    match &mut __state {
                        __State::Start { size } => {
                            let size = ::segno::machine::take(size);
                            ::segno::machine::overwrite(&mut __state, __State::Done);
                        }
                        __State::S1_line9_y { __child, __iterator_4, number } => {
                            let __guard_numbers = __slot_numbers.guard();
                            let __iterator_4 = ::segno::machine::take(__iterator_4);
                            let number = ::segno::machine::take(number);
                            ::segno::machine::abandon(
                                ::core::ptr::from_mut(__child),
                                &raw mut __state,
                                __State::Done,
                            );
                        }
                        __State::__Region1(__region) => {
                            let mut __region_1;
                            let mut __slot_sum;
                            __region_1 = ::core::ptr::from_mut(__region);
                            __slot_sum = (*__region_1).sum.pinned();
                            match &mut (*__region_1).__rest {
                                __State1::S2_line13_get { __child } => {
                                    let __guard_numbers = __slot_numbers.guard();
                                    let __guard_sum = __slot_sum.guard();
                                    ::segno::machine::abandon(
                                        ::core::ptr::from_mut(__child),
                                        &raw mut (*__region_1).__rest,
                                        __State1::Done,
                                    );
                                }
                                __State1::Done => {}
                            }
                        }
                        __State::Done => {}
                    }
                    ::segno::Resume::Cancelled
                }
            },
            ::segno::machine::OutputType::<usize>(::core::marker::PhantomData).judge(),
        )
    };
    __machine
}
