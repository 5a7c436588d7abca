use segno_tests::y;
#[allow(non_snake_case)]
#[cfg_attr(
    clippy,
    allow(
        clippy::multiple_bound_locations,
        clippy::extra_unused_lifetimes,
        clippy::needless_lifetimes,
        clippy::implied_bounds_in_impls
    )
)]
pub fn never() -> impl ::segno::bridge::IsFuture + ::segno::Coroutine<
    Output = ::segno::machine::Never,
> {
    #[allow(unused_braces)]
    let () = if false {
        use ::segno::machine::scope::*;
        __twin(move || -> ::segno::machine::Never {
            let __result = __Output::<::segno::machine::Never>::new();
            {
                loop {
                    (match y() {
                        __awaited => __Awaited(&raw const __awaited).wait(__awaited),
                    })
                        .output();
                }
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
        dangerous_implicit_autorefs
    )]
    #[cfg_attr(
        clippy,
        allow(clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)
    )]
    let __machine = {
        use ::segno::machine::scope::*;
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
                    let __result = __Output::<::segno::machine::Never>::new();
                    enum __Next {
                        Resume,
                        B1 {},
                    }
                    let mut __next = __Next::Resume;
                    '__step: loop {
                        '__B2: {
                            let __to_B1;
                            '__B1: {
                                let __to_B0;
                                '__B0: {
                                    match __next {
                                        __Next::Resume => {
                                            match __state.at() {
                                                0 => {
                                                    match &mut __state {
                                                        __State::Start {} => {
                                                            __overwrite(&mut __state, __State::Done);
                                                            __to_B0 = ();
                                                            break '__B0;
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
                                let () = __to_B0;
                                {
                                    __to_B1 = ();
                                    break '__B1;
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
                                    __overwrite(&mut __state, __State::S1_line8_y { __child });
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
                                        let __Done(__output) = __answer else { return __Cancelled };
                                        let __awaited_0 = __output;
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
    __machine
}
#[allow(non_snake_case)]
#[cfg_attr(
    clippy,
    allow(
        clippy::multiple_bound_locations,
        clippy::extra_unused_lifetimes,
        clippy::needless_lifetimes,
        clippy::implied_bounds_in_impls
    )
)]
pub fn at_once(
    value: u32,
) -> impl ::segno::bridge::IsFuture + ::segno::Coroutine<Output = u32> {
    #[allow(unused_braces)]
    let () = if false {
        use ::segno::machine::scope::*;
        __twin(move || -> u32 {
            let __result = __Output::<u32>::new();
            let value = value;
            {
                __Returned {
                    of: __result,
                    value: value + 1,
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
        dangerous_implicit_autorefs
    )]
    #[cfg_attr(
        clippy,
        allow(clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)
    )]
    let __machine = {
        use ::segno::machine::scope::*;
        enum __State<V0> {
            Start { value: V0 },
            Done,
        }
        let mut __state = __State::Start { value };
        __Machine {
            step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<u32> {
                '__ended: {
                    let __Some(__cx) = __resumed else { break '__ended };
                    let __result = __Output::<u32>::new();
                    let __to_B0;
                    '__B0: {
                        match &mut __state {
                            __State::Start { value } => {
                                let value = __take(value);
                                __overwrite(&mut __state, __State::Done);
                                __to_B0 = (value,);
                                break '__B0;
                            }
                            __State::Done => __finished(),
                        }
                    }
                    let (value,) = __to_B0;
                    let mut value = value;
                    {
                        return __Done(
                            __Returned {
                                of: __result,
                                value: value + 1,
                            }
                                .value,
                        );
                    }
                }
                __state = __State::Done;
                __Cancelled
            },
            judge: __OutputType::<u32>(__PhantomData).judge(),
        }
    };
    __machine
}
