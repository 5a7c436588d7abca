use segno_tests::{T, y};
pub trait Advance {
    fn advance(&mut self, by: u32) -> impl ::segno::Awaitable<u32>;
}
pub struct Counter {
    pub count: u32,
    pub token: T,
}
impl Counter {
    pub fn finish<'co>(self) -> impl ::segno::Awaitable<&'static str>
    where
        Self: 'co,
    {
        {
            use ::segno::machine::scope::*;
            if false {
                __twin(move || -> &'static str {
                    __await(y()).wait().output();
                    __Returned::<&'_ str> {
                        value: self.token.0,
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
                enum __State<C1, V0, V1> {
                    Start { __self: V0 },
                    S1_line18_y { __child: C1, __self_token: V1 },
                    Done,
                }
                let __self = self;
                let mut __state = __State::Start { __self };
                __Machine {
                    step: move |
                        __resumed: __Option<&mut __Context<'_>>,
                    | -> __Resume<&'static str> {
                        '__ended: {
                            let __Some(__cx) = __resumed else { break '__ended };
                            '__B1: {
                                match &mut __state {
                                    __State::Start { __self } => {
                                        let mut __self = __take(__self);
                                        __overwrite(&raw mut __state, __State::Done);
                                        let mut __self = __self;
                                        (&__probe(&__self)).taken::<1, 1>();
                                        let Self { token: __self_token, count: __self_count } = __self;
                                        {
                                            let __child = match (y()) {
                                                __awaited => {
                                                    __Awaited(&raw const __awaited).child(__awaited)
                                                }
                                            };
                                            __overwrite(
                                                &raw mut __state,
                                                __State::S1_line18_y {
                                                    __child,
                                                    __self_token: __self_token,
                                                },
                                            );
                                            break '__B1;
                                        }
                                    }
                                    __State::Done => __finished(),
                                    _ => break '__B1,
                                }
                            }
                            match &mut __state {
                                __State::S1_line18_y { __child, __self_token } => {
                                    match __Coroutine::resume_child(
                                        __child,
                                        __cx,
                                        __EXPANSION,
                                    ) {
                                        __Pending => return __Pending,
                                        __Cancelled => break '__ended,
                                        __Done(__awaited_3) => {
                                            let __self_token = __take(__self_token);
                                            __Coroutine::conclude(
                                                &raw mut *__child,
                                                &raw mut __state,
                                                __State::Done,
                                                __EXPANSION,
                                            );
                                            let mut __self_token = __self_token;
                                            {
                                                let mut __awaited_3 = __awaited_3;
                                                ::core::mem::drop(__awaited_3);
                                                return __Done(
                                                    __Returned::<&'_ str> {
                                                        value: __self_token.0,
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
}
impl Advance for Counter {
    fn advance(&mut self, by: u32) -> impl ::segno::Awaitable<u32> {
        {
            use ::segno::machine::scope::*;
            if false {
                __twin(move || -> u32 {
                    let by = by;
                    {
                        for _ in 0..by {
                            __await(y()).wait().output();
                            self.count += 1;
                        }
                        __Returned::<u32> {
                            value: self.count,
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
                enum __State<C3, D3, V0, V2> {
                    Start { __self: V0, by: u32 },
                    S1_line27_y {
                        __child: C3,
                        __unused_3: D3,
                        __iterator_2: V2,
                        __self: V0,
                    },
                    Done,
                }
                impl<C3, D3, V0, V2> __State<C3, D3, V0, V2> {
                    #[inline(always)]
                    fn at(&self) -> u16 {
                        match self {
                            Self::Start { .. } => 0,
                            Self::S1_line27_y { .. } => 1,
                            Self::Done => u16::MAX,
                        }
                    }
                }
                let __self = self;
                let mut __state = __State::Start { __self, by };
                __Machine {
                    step: move |
                        __resumed: __Option<&mut __Context<'_>>,
                    | -> __Resume<u32> {
                        '__ended: {
                            let __Some(__cx) = __resumed else { break '__ended };
                            enum __Next<V0, V2> {
                                Resume,
                                B1 { __iterator_2: V2, __self: V0 },
                            }
                            let mut __next = __Next::Resume;
                            '__step: loop {
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
                                                                __State::Start { __self, by } => {
                                                                    let mut __self = __take(__self);
                                                                    let mut by = __take(by);
                                                                    __overwrite(&raw mut __state, __State::Done);
                                                                    {
                                                                        {
                                                                            let mut __iterator_2 = ::core::iter::IntoIterator::into_iter(
                                                                                0..by,
                                                                            );
                                                                            __to_B1 = (__iterator_2, __self);
                                                                            break '__B1;
                                                                        }
                                                                    }
                                                                }
                                                                _ => __impossible(),
                                                            }
                                                        }
                                                        1 => break '__B3,
                                                        _ => __finished(),
                                                    }
                                                }
                                                __Next::B1 { __self, __iterator_2 } => {
                                                    __to_B1 = (__iterator_2, __self);
                                                    break '__B1;
                                                }
                                            }
                                        }
                                        let (__iterator_2, __self) = __to_B1;
                                        let mut __self = __self;
                                        {
                                            {
                                                let mut __iterator_2 = __iterator_2;
                                                match ::core::iter::Iterator::next(&mut __iterator_2) {
                                                    ::core::option::Option::Some(__unused_3) => {
                                                        let __child = match (y()) {
                                                            __awaited => {
                                                                __Awaited(&raw const __awaited).child(__awaited)
                                                            }
                                                        };
                                                        __overwrite(
                                                            &raw mut __state,
                                                            __State::S1_line27_y {
                                                                __child,
                                                                __self: __self,
                                                                __iterator_2: __iterator_2,
                                                                __unused_3: {
                                                                    let __how = (&__probe(&__unused_3)).holding();
                                                                    if __how.keeps(&__unused_3) {
                                                                        __how.hold(__unused_3)
                                                                    } else {
                                                                        __how.nothing(&__unused_3)
                                                                    }
                                                                },
                                                            },
                                                        );
                                                        break '__B3;
                                                    }
                                                    ::core::option::Option::None => {
                                                        __to_B4 = (__self,);
                                                        break '__B4;
                                                    }
                                                    _ => __never(),
                                                }
                                            }
                                        }
                                    }
                                    match &mut __state {
                                        __State::S1_line27_y {
                                            __child,
                                            __self,
                                            __iterator_2,
                                            __unused_3,
                                        } => {
                                            match __Coroutine::resume_child(
                                                __child,
                                                __cx,
                                                __EXPANSION,
                                            ) {
                                                __Pending => return __Pending,
                                                __Cancelled => break '__ended,
                                                __Done(__awaited_4) => {
                                                    let mut __self = __take(__self);
                                                    let __iterator_2 = __take(__iterator_2);
                                                    let __unused_3 = __take(__unused_3);
                                                    __Coroutine::conclude(
                                                        &raw mut *__child,
                                                        &raw mut __state,
                                                        __State::Done,
                                                        __EXPANSION,
                                                    );
                                                    {
                                                        {
                                                            let mut __iterator_2 = __iterator_2;
                                                            {
                                                                let mut __unused_3 = __unused_3;
                                                                {
                                                                    let mut __awaited_4 = __awaited_4;
                                                                    ::core::mem::drop(__awaited_4);
                                                                    __self.count += 1;
                                                                }
                                                            }
                                                            __next = __Next::B1 {
                                                                __self: __self,
                                                                __iterator_2: __iterator_2,
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
                                let (__self,) = __to_B4;
                                let mut __self = __self;
                                {
                                    return __Done(
                                        __Returned::<u32> {
                                            value: __self.count,
                                        }
                                            .value,
                                    );
                                }
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
}
