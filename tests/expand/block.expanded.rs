use segno_tests::{Failure, NotReady};
pub fn block<'__elided_0>(
    device: &'__elided_0 mut NotReady,
    bytes: [u8; 2],
) -> impl ::segno::Awaitable<Result<u8, Failure>> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> Result<u8, Failure> {
                let device = device;
                let bytes = bytes;
                {
                    let mut sum = 0;
                    for byte in bytes {
                        sum
                            += loop {
                                match ::segno::machine::attempt(device.attempt(byte)) {
                                    ::segno::machine::Attempt::Finished(__answer) => {
                                        break __answer;
                                    }
                                    ::segno::machine::Attempt::Blocked => {
                                        __await(::segno::machine::blocked()).wait().output()
                                    }
                                }
                            }?;
                    }
                    __Returned::<Result<u8, Failure>> {
                        value: Ok(sum),
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
            enum __State<C6, D7, V1, V2, V3, V5> {
                Start { bytes: V1 },
                S1_line9_blocked {
                    __child: C6,
                    __matched_7: D7,
                    byte: V3,
                    __iterator_5: V5,
                    sum: V2,
                },
                Done,
            }
            impl<C6, D7, V1, V2, V3, V5> __State<C6, D7, V1, V2, V3, V5> {
                #[inline(always)]
                fn at(&self) -> u16 {
                    match self {
                        Self::Start { .. } => 0,
                        Self::S1_line9_blocked { .. } => 1,
                        Self::Done => u16::MAX,
                    }
                }
            }
            let __slot_device = __Slot::filled(device);
            let mut __state = __State::Start { bytes };
            __AnchoredMachine {
                step: move |
                    __resumed: __Option<&mut __Context<'_>>,
                | -> __Resume<Result<u8, Failure>> {
                    unsafe {
                        let __slot_device = __slot_device.pinned();
                        '__ended: {
                            let __Some(__cx) = __resumed else { break '__ended };
                            enum __Next<G0, V2, V3, V5> {
                                Resume,
                                B1 { __iterator_5: V5, sum: V2, device: G0 },
                                B3 { byte: V3, __iterator_5: V5, sum: V2, device: G0 },
                            }
                            let mut __next = __Next::Resume;
                            '__step: loop {
                                let __to_B9;
                                '__B9: {
                                    '__B6: {
                                        let __to_B3;
                                        '__B3: {
                                            let __to_B1;
                                            '__B1: {
                                                match __next {
                                                    __Next::Resume => {
                                                        match __state.at() {
                                                            0 => {
                                                                match &mut __state {
                                                                    __State::Start { bytes } => {
                                                                        let bytes = __take(bytes);
                                                                        __overwrite(&raw mut __state, __State::Done);
                                                                        let device = __slot_device.guard();
                                                                        let mut __guard_device = device;
                                                                        let mut bytes = bytes;
                                                                        {
                                                                            let mut sum = 0;
                                                                            {
                                                                                let mut __iterator_5 = ::core::iter::IntoIterator::into_iter(
                                                                                    bytes,
                                                                                );
                                                                                __to_B1 = (__iterator_5, sum, __guard_device);
                                                                                break '__B1;
                                                                            }
                                                                        }
                                                                    }
                                                                    _ => __impossible(),
                                                                }
                                                            }
                                                            1 => break '__B6,
                                                            _ => __finished(),
                                                        }
                                                    }
                                                    __Next::B1 { device, sum, __iterator_5 } => {
                                                        __to_B1 = (__iterator_5, sum, device);
                                                        break '__B1;
                                                    }
                                                    __Next::B3 { device, sum, __iterator_5, byte } => {
                                                        __to_B3 = (byte, __iterator_5, sum, device);
                                                        break '__B3;
                                                    }
                                                }
                                            }
                                            let (__iterator_5, sum, device) = __to_B1;
                                            let mut __guard_device = device;
                                            {
                                                let mut sum = sum;
                                                {
                                                    let mut __iterator_5 = __iterator_5;
                                                    match ::core::iter::Iterator::next(&mut __iterator_5) {
                                                        ::core::option::Option::Some(byte) => {
                                                            __to_B3 = (byte, __iterator_5, sum, __guard_device);
                                                            break '__B3;
                                                        }
                                                        ::core::option::Option::None => {
                                                            __to_B9 = (sum, __guard_device);
                                                            break '__B9;
                                                        }
                                                        _ => __never(),
                                                    }
                                                }
                                            }
                                        }
                                        let (byte, __iterator_5, sum, device) = __to_B3;
                                        let mut __guard_device = device;
                                        {
                                            let mut sum = sum;
                                            {
                                                let mut __iterator_5 = __iterator_5;
                                                {
                                                    let mut byte = byte;
                                                    {
                                                        let mut __value_6;
                                                        {
                                                            {
                                                                let mut __matched_7 = ::segno::machine::attempt(
                                                                    (*__slot_device.at()).attempt(byte),
                                                                );
                                                                (&__probe(&__matched_7)).taken::<9, 16>();
                                                                match __matched_7 {
                                                                    ::segno::machine::Attempt::Finished(__answer) => {
                                                                        __value_6 = __answer;
                                                                        sum
                                                                            += match __Tried(__value_6).branch() {
                                                                                ::core::ops::ControlFlow::Continue(__value) => __value,
                                                                                ::core::ops::ControlFlow::Break(__residual) => {
                                                                                    return __Output::<Result<u8, Failure>>::new()
                                                                                        .early(__residual)
                                                                                        .leave();
                                                                                }
                                                                            };
                                                                        __next = __Next::B1 {
                                                                            device: __guard_device,
                                                                            sum: sum,
                                                                            __iterator_5: __iterator_5,
                                                                        };
                                                                        continue '__step;
                                                                    }
                                                                    ::segno::machine::Attempt::Blocked => {
                                                                        let __child = match (::segno::machine::blocked()) {
                                                                            __awaited => {
                                                                                __Awaited(&raw const __awaited).child(__awaited)
                                                                            }
                                                                        };
                                                                        __overwrite(
                                                                            &raw mut __state,
                                                                            __State::S1_line9_blocked {
                                                                                __child,
                                                                                sum: sum,
                                                                                __iterator_5: __iterator_5,
                                                                                byte: byte,
                                                                                __matched_7: {
                                                                                    let __how = (&__probe(&__matched_7)).holding();
                                                                                    if __how.keeps(&__matched_7) {
                                                                                        __how.hold(__matched_7)
                                                                                    } else {
                                                                                        __how.nothing(&__matched_7)
                                                                                    }
                                                                                },
                                                                            },
                                                                        );
                                                                        __guard_device.suspend();
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
                                    }
                                    match &mut __state {
                                        __State::S1_line9_blocked {
                                            __child,
                                            sum,
                                            __iterator_5,
                                            byte,
                                            __matched_7,
                                        } => {
                                            match __Coroutine::resume_child(
                                                __child,
                                                __cx,
                                                __EXPANSION,
                                            ) {
                                                __Pending => return __Pending,
                                                __Cancelled => break '__ended,
                                                __Done(__awaited_8) => {
                                                    let __guard_device = __slot_device.guard();
                                                    let sum = __take(sum);
                                                    let __iterator_5 = __take(__iterator_5);
                                                    let byte = __take(byte);
                                                    let __matched_7 = __take(__matched_7);
                                                    __Coroutine::conclude(
                                                        &raw mut *__child,
                                                        &raw mut __state,
                                                        __State::Done,
                                                        __EXPANSION,
                                                    );
                                                    let device = __guard_device;
                                                    let mut __guard_device = device;
                                                    {
                                                        let mut sum = sum;
                                                        {
                                                            let mut __iterator_5 = __iterator_5;
                                                            {
                                                                let mut byte = byte;
                                                                {
                                                                    {
                                                                        {
                                                                            let mut __matched_7 = __matched_7;
                                                                            {
                                                                                let mut __awaited_8 = __awaited_8;
                                                                                ::core::mem::drop(__awaited_8);
                                                                            }
                                                                            __next = __Next::B3 {
                                                                                device: __guard_device,
                                                                                sum: sum,
                                                                                __iterator_5: __iterator_5,
                                                                                byte: byte,
                                                                            };
                                                                            continue '__step;
                                                                        }
                                                                    }
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
                                let (sum, device) = __to_B9;
                                let mut __guard_device = device;
                                {
                                    let mut sum = sum;
                                    return __Done(
                                        __Returned::<Result<u8, Failure>> {
                                            value: Ok(sum),
                                        }
                                            .value,
                                    );
                                }
                            }
                        }
                        match &mut __state {
                            __State::Start { bytes } => {
                                let bytes = __take(bytes);
                                let __guard_device = __slot_device.guard();
                                __overwrite(&raw mut __state, __State::Done);
                            }
                            __State::Done => {}
                            _ => {
                                let __guard_device = __slot_device.guard();
                                __state = __State::Done;
                            }
                        }
                        __Cancelled
                    }
                },
                judge: __OutputType::<Result<u8, Failure>>(__PhantomData).judge(),
            }
        };
    }
}
