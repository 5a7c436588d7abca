use segno_tests::{child, y};
pub fn loops(limit: u32) -> impl ::segno::Awaitable<u32> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> u32 {
                let limit = limit;
                {
                    let mut total = 0;
                    let last = 'outer: loop {
                        for step in [1, 2, 3] {
                            total += __await(child(step)).wait().output();
                            if total > limit {
                                break 'outer step;
                            }
                            if total == 2 {
                                continue 'outer;
                            }
                        }
                        __await(y()).wait().output();
                    };
                    __Returned::<u32> {
                        value: total + last,
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
            enum __State1<C4, V1, V4> {
                S1_line10_child { __child: C4, __iterator_4: V4, total: V1, limit: u32 },
                Done,
            }
            impl<C4, V1, V4> __State1<C4, V1, V4> {
                #[inline(always)]
                fn at(&self) -> u16 {
                    match self {
                        Self::S1_line10_child { .. } => 1,
                        Self::Done => u16::MAX,
                    }
                }
            }
            struct __Region1<C4, V1, V4, X2> {
                __rest: __State1<C4, V1, V4>,
                step: __Slot<X2>,
            }
            enum __State<C12, C4, V1, V4, X2> {
                Start { limit: u32 },
                S2_line18_y { __child: C12, total: V1, limit: u32 },
                __Region1(__Region1<C4, V1, V4, X2>),
                Done,
            }
            impl<C12, C4, V1, V4, X2> __State<C12, C4, V1, V4, X2> {
                #[inline(always)]
                fn at(&self) -> u16 {
                    match self {
                        Self::Start { .. } => 0,
                        Self::S2_line18_y { .. } => 2,
                        Self::__Region1(region) => region.__rest.at(),
                        Self::Done => u16::MAX,
                    }
                }
            }
            let mut __state = __State::Start { limit };
            __AnchoredMachine {
                step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<u32> {
                    unsafe {
                        '__ended: {
                            let __Some(__cx) = __resumed else { break '__ended };
                            enum __Next<V1, V4> {
                                Resume,
                                B1 { total: V1, limit: u32 },
                                B2 { __iterator_4: V4, total: V1, limit: u32 },
                            }
                            let mut __next = __Next::Resume;
                            '__step: loop {
                                let __to_B13;
                                '__B13: {
                                    '__B12: {
                                        let __to_B11;
                                        '__B11: {
                                            '__B4: {
                                                let __to_B2;
                                                '__B2: {
                                                    let __to_B1;
                                                    '__B1: {
                                                        match __next {
                                                            __Next::Resume => {
                                                                match __state.at() {
                                                                    0 => {
                                                                        match &mut __state {
                                                                            __State::Start { limit } => {
                                                                                let mut limit = __take(limit);
                                                                                __overwrite(&raw mut __state, __State::Done);
                                                                                {
                                                                                    let mut total = 0;
                                                                                    __to_B1 = (total, limit);
                                                                                    break '__B1;
                                                                                }
                                                                            }
                                                                            _ => __impossible(),
                                                                        }
                                                                    }
                                                                    1 => break '__B4,
                                                                    2 => break '__B12,
                                                                    _ => __finished(),
                                                                }
                                                            }
                                                            __Next::B1 { limit, total } => {
                                                                __to_B1 = (total, limit);
                                                                break '__B1;
                                                            }
                                                            __Next::B2 { limit, total, __iterator_4 } => {
                                                                __to_B2 = (__iterator_4, total, limit);
                                                                break '__B2;
                                                            }
                                                        }
                                                    }
                                                    let (total, limit) = __to_B1;
                                                    let mut limit = limit;
                                                    {
                                                        let mut total = total;
                                                        {
                                                            {
                                                                let mut __iterator_4 = ::core::iter::IntoIterator::into_iter([
                                                                    1, 2, 3,
                                                                ]);
                                                                __to_B2 = (__iterator_4, total, limit);
                                                                break '__B2;
                                                            }
                                                        }
                                                    }
                                                }
                                                let (__iterator_4, total, limit) = __to_B2;
                                                let mut __region_1;
                                                let mut __slot_step;
                                                let mut limit = limit;
                                                {
                                                    let mut total = total;
                                                    {
                                                        {
                                                            let mut __iterator_4 = __iterator_4;
                                                            match ::core::iter::Iterator::next(&mut __iterator_4) {
                                                                ::core::option::Option::Some(__in_step) => {
                                                                    __overwrite(
                                                                        &raw mut __state,
                                                                        __State::__Region1(__Region1 {
                                                                            __rest: __State1::Done,
                                                                            step: __Slot::empty(),
                                                                        }),
                                                                    );
                                                                    __region_1 = match &mut __state {
                                                                        __State::__Region1(__region) => &raw mut *__region,
                                                                        _ => __impossible(),
                                                                    };
                                                                    __slot_step = (*__region_1).step.pinned();
                                                                    let mut __guard_step = __slot_step.put(__in_step);
                                                                    {
                                                                        {
                                                                            let __child = match (child((*__slot_step.at()))) {
                                                                                __awaited => {
                                                                                    __Awaited(&raw const __awaited).child(__awaited)
                                                                                }
                                                                            };
                                                                            __overwrite(
                                                                                &raw mut (*__region_1).__rest,
                                                                                __State1::S1_line10_child {
                                                                                    __child,
                                                                                    limit: limit,
                                                                                    total: total,
                                                                                    __iterator_4: __iterator_4,
                                                                                },
                                                                            );
                                                                            __guard_step.suspend();
                                                                            break '__B4;
                                                                        }
                                                                    }
                                                                }
                                                                ::core::option::Option::None => {
                                                                    __to_B11 = (total, limit);
                                                                    break '__B11;
                                                                }
                                                                _ => __never(),
                                                            }
                                                        }
                                                    }
                                                }
                                            }
                                            let mut __region_1;
                                            let mut __slot_step;
                                            __region_1 = match &mut __state {
                                                __State::__Region1(__region) => &raw mut *__region,
                                                _ => __impossible(),
                                            };
                                            __slot_step = (*__region_1).step.pinned();
                                            match &mut (*__region_1).__rest {
                                                __State1::S1_line10_child {
                                                    __child,
                                                    limit,
                                                    total,
                                                    __iterator_4,
                                                } => {
                                                    match __Coroutine::resume_child(
                                                        __child,
                                                        __cx,
                                                        __EXPANSION,
                                                    ) {
                                                        __Pending => return __Pending,
                                                        __Cancelled => break '__ended,
                                                        __Done(__awaited_5) => {
                                                            let mut limit = __take(limit);
                                                            let total = __take(total);
                                                            let __iterator_4 = __take(__iterator_4);
                                                            let __guard_step = __slot_step.guard();
                                                            __Coroutine::conclude(
                                                                &raw mut *__child,
                                                                &raw mut (*__region_1).__rest,
                                                                __State1::Done,
                                                                __EXPANSION,
                                                            );
                                                            let step = __guard_step;
                                                            {
                                                                let mut total = total;
                                                                let mut last;
                                                                {
                                                                    {
                                                                        let mut __iterator_4 = __iterator_4;
                                                                        {
                                                                            let mut __guard_step = step;
                                                                            {
                                                                                let mut __awaited_5 = __awaited_5;
                                                                                total += __awaited_5;
                                                                                if total > limit {
                                                                                    {
                                                                                        last = __slot_step.take(__guard_step);
                                                                                        __to_B13 = (last, total);
                                                                                        break '__B13;
                                                                                    }
                                                                                } else {
                                                                                    if total == 2 {
                                                                                        {
                                                                                            __next = __Next::B1 {
                                                                                                limit: limit,
                                                                                                total: total,
                                                                                            };
                                                                                            continue '__step;
                                                                                        }
                                                                                    } else {
                                                                                        __next = __Next::B2 {
                                                                                            limit: limit,
                                                                                            total: total,
                                                                                            __iterator_4: __iterator_4,
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
                                                }
                                                _ => __impossible(),
                                            }
                                        }
                                        let (total, limit) = __to_B11;
                                        let mut limit = limit;
                                        {
                                            let mut total = total;
                                            {
                                                let __child = match (y()) {
                                                    __awaited => {
                                                        __Awaited(&raw const __awaited).child(__awaited)
                                                    }
                                                };
                                                __overwrite(
                                                    &raw mut __state,
                                                    __State::S2_line18_y {
                                                        __child,
                                                        limit: limit,
                                                        total: total,
                                                    },
                                                );
                                                break '__B12;
                                            }
                                        }
                                    }
                                    match &mut __state {
                                        __State::S2_line18_y { __child, limit, total } => {
                                            match __Coroutine::resume_child(
                                                __child,
                                                __cx,
                                                __EXPANSION,
                                            ) {
                                                __Pending => return __Pending,
                                                __Cancelled => break '__ended,
                                                __Done(__awaited_6) => {
                                                    let mut limit = __take(limit);
                                                    let total = __take(total);
                                                    __Coroutine::conclude(
                                                        &raw mut *__child,
                                                        &raw mut __state,
                                                        __State::Done,
                                                        __EXPANSION,
                                                    );
                                                    {
                                                        let mut total = total;
                                                        {
                                                            let mut __awaited_6 = __awaited_6;
                                                            ::core::mem::drop(__awaited_6);
                                                        }
                                                        __next = __Next::B1 {
                                                            limit: limit,
                                                            total: total,
                                                        };
                                                        continue '__step;
                                                    }
                                                }
                                            }
                                        }
                                        _ => __impossible(),
                                    }
                                }
                                let (last, total) = __to_B13;
                                {
                                    let mut total = total;
                                    let mut last = last;
                                    return __Done(
                                        __Returned::<u32> {
                                            value: total + last,
                                        }
                                            .value,
                                    );
                                }
                            }
                        }
                        match &mut __state {
                            __State::Start { limit } => {
                                let mut limit = __take(limit);
                                __overwrite(&raw mut __state, __State::Done);
                            }
                            __State::__Region1(__region) => {
                                let mut __region_1;
                                let mut __slot_step;
                                __region_1 = &raw mut *__region;
                                __slot_step = (*__region_1).step.pinned();
                                match &mut (*__region_1).__rest {
                                    __State1::S1_line10_child {
                                        __child,
                                        limit,
                                        total,
                                        __iterator_4,
                                    } => {
                                        let mut limit = __take(limit);
                                        let total = __take(total);
                                        let __iterator_4 = __take(__iterator_4);
                                        let __guard_step = __slot_step.guard();
                                        __abandon(
                                            &raw mut *__child,
                                            &raw mut (*__region_1).__rest,
                                            __State1::Done,
                                        );
                                    }
                                    __State1::Done => {}
                                }
                            }
                            __State::Done => {}
                            _ => {
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
