use segno_tests::{T, child, id, y};
pub fn conditions(wanted: Option<T>) -> impl ::segno::Awaitable<u32> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> u32 {
                let mut wanted = wanted;
                {
                    while let Some(token) = wanted.take() {
                        if __await(id(token.0 == "again")).wait().output()
                            && __await(child(1)).wait().output() == 1
                        {
                            wanted = Some(T("once"));
                        }
                    }
                    if let Some(number) = __await(id(Some(3))).wait().output() {
                        __Returned::<u32> {
                            value: __await(child(number)).wait().output(),
                        }
                            .value
                    } else {
                        __await(y()).wait().output();
                        __Returned::<u32> { value: 0 }.value
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
            enum __State<C11, C13, C3, C5, C9, D1> {
                Start {},
                S1_line8_id { __child: C3, token: D1 },
                S2_line8_child { __child: C5, token: D1 },
                S3_line12_id { __child: C9 },
                S4_line13_child { __child: C11 },
                S5_line15_y { __child: C13 },
                Done,
            }
            impl<C11, C13, C3, C5, C9, D1> __State<C11, C13, C3, C5, C9, D1> {
                #[inline(always)]
                fn at(&self) -> u16 {
                    match self {
                        Self::Start { .. } => 0,
                        Self::S1_line8_id { .. } => 1,
                        Self::S2_line8_child { .. } => 2,
                        Self::S3_line12_id { .. } => 3,
                        Self::S4_line13_child { .. } => 4,
                        Self::S5_line15_y { .. } => 5,
                        Self::Done => u16::MAX,
                    }
                }
            }
            let __slot_wanted = __Slot::filled(wanted);
            let mut __state = __State::Start {};
            __AnchoredMachine {
                step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<u32> {
                    unsafe {
                        let __slot_wanted = __slot_wanted.pinned();
                        '__ended: {
                            let __Some(__cx) = __resumed else { break '__ended };
                            enum __Next<G0> {
                                Resume,
                                B1 { wanted: G0 },
                            }
                            let mut __next = __Next::Resume;
                            '__step: loop {
                                '__B13: {
                                    let __to_B12;
                                    '__B12: {
                                        '__B11: {
                                            '__B9: {
                                                let __to_B8;
                                                '__B8: {
                                                    let __to_B7;
                                                    '__B7: {
                                                        '__B5: {
                                                            '__B3: {
                                                                let __to_B1;
                                                                '__B1: {
                                                                    match __next {
                                                                        __Next::Resume => {
                                                                            match __state.at() {
                                                                                0 => {
                                                                                    match &mut __state {
                                                                                        __State::Start {} => {
                                                                                            __overwrite(&raw mut __state, __State::Done);
                                                                                            let wanted = __slot_wanted.guard();
                                                                                            let mut __guard_wanted = wanted;
                                                                                            {
                                                                                                __to_B1 = (__guard_wanted,);
                                                                                                break '__B1;
                                                                                            }
                                                                                        }
                                                                                        _ => __impossible(),
                                                                                    }
                                                                                }
                                                                                1 => break '__B3,
                                                                                2 => break '__B5,
                                                                                3 => break '__B9,
                                                                                4 => break '__B11,
                                                                                5 => break '__B13,
                                                                                _ => __finished(),
                                                                            }
                                                                        }
                                                                        __Next::B1 { wanted } => {
                                                                            __to_B1 = (wanted,);
                                                                            break '__B1;
                                                                        }
                                                                    }
                                                                }
                                                                let (wanted,) = __to_B1;
                                                                let mut __guard_wanted = wanted;
                                                                {
                                                                    {
                                                                        let mut __matched_3 = (*__slot_wanted.at()).take();
                                                                        (&__probe(&__matched_3)).taken::<7, 15>();
                                                                        match __matched_3 {
                                                                            Some(token) => {
                                                                                let __child = match (id(token.0 == "again")) {
                                                                                    __awaited => {
                                                                                        __Awaited(&raw const __awaited).child(__awaited)
                                                                                    }
                                                                                };
                                                                                __overwrite(
                                                                                    &raw mut __state,
                                                                                    __State::S1_line8_id {
                                                                                        __child,
                                                                                        token: {
                                                                                            let __how = (&__probe(&token)).holding();
                                                                                            if __how.keeps(&token) {
                                                                                                __how.hold(token)
                                                                                            } else {
                                                                                                __how.nothing(&token)
                                                                                            }
                                                                                        },
                                                                                    },
                                                                                );
                                                                                __guard_wanted.suspend();
                                                                                break '__B3;
                                                                            }
                                                                            _ => {
                                                                                __to_B8 = (__guard_wanted,);
                                                                                break '__B8;
                                                                            }
                                                                        }
                                                                    }
                                                                }
                                                            }
                                                            match &mut __state {
                                                                __State::S1_line8_id { __child, token } => {
                                                                    match __Coroutine::resume_child(
                                                                        __child,
                                                                        __cx,
                                                                        __EXPANSION,
                                                                    ) {
                                                                        __Pending => return __Pending,
                                                                        __Cancelled => break '__ended,
                                                                        __Done(__awaited_6) => {
                                                                            let __guard_wanted = __slot_wanted.guard();
                                                                            let token = __take(token);
                                                                            __Coroutine::conclude(
                                                                                &raw mut *__child,
                                                                                &raw mut __state,
                                                                                __State::Done,
                                                                                __EXPANSION,
                                                                            );
                                                                            let wanted = __guard_wanted;
                                                                            let mut __guard_wanted = wanted;
                                                                            {
                                                                                {
                                                                                    let mut token = token;
                                                                                    {
                                                                                        {
                                                                                            let mut __value_5: bool;
                                                                                            let mut __awaited_6 = __awaited_6;
                                                                                            if __awaited_6 {
                                                                                                {
                                                                                                    let __child = match (child(1)) {
                                                                                                        __awaited => {
                                                                                                            __Awaited(&raw const __awaited).child(__awaited)
                                                                                                        }
                                                                                                    };
                                                                                                    __overwrite(
                                                                                                        &raw mut __state,
                                                                                                        __State::S2_line8_child {
                                                                                                            __child,
                                                                                                            token: token,
                                                                                                        },
                                                                                                    );
                                                                                                    __guard_wanted.suspend();
                                                                                                    break '__B5;
                                                                                                }
                                                                                            } else {
                                                                                                __value_5 = false;
                                                                                                __to_B7 = (__value_5, token, __guard_wanted);
                                                                                                break '__B7;
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
                                                        match &mut __state {
                                                            __State::S2_line8_child { __child, token } => {
                                                                match __Coroutine::resume_child(
                                                                    __child,
                                                                    __cx,
                                                                    __EXPANSION,
                                                                ) {
                                                                    __Pending => return __Pending,
                                                                    __Cancelled => break '__ended,
                                                                    __Done(__awaited_7) => {
                                                                        let __guard_wanted = __slot_wanted.guard();
                                                                        let token = __take(token);
                                                                        __Coroutine::conclude(
                                                                            &raw mut *__child,
                                                                            &raw mut __state,
                                                                            __State::Done,
                                                                            __EXPANSION,
                                                                        );
                                                                        let wanted = __guard_wanted;
                                                                        let mut __guard_wanted = wanted;
                                                                        {
                                                                            {
                                                                                let mut token = token;
                                                                                {
                                                                                    {
                                                                                        let mut __value_5: bool;
                                                                                        {
                                                                                            let mut __awaited_7 = __awaited_7;
                                                                                            __value_5 = __awaited_7 == 1;
                                                                                        }
                                                                                        __to_B7 = (__value_5, token, __guard_wanted);
                                                                                        break '__B7;
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
                                                    let (__value_5, token, wanted) = __to_B7;
                                                    let mut __guard_wanted = wanted;
                                                    {
                                                        {
                                                            let mut token = token;
                                                            {
                                                                let mut __condition_4: bool;
                                                                {
                                                                    let mut __value_5 = __value_5;
                                                                    __condition_4 = __value_5;
                                                                }
                                                                if __condition_4 {
                                                                    (*__slot_wanted.held(&__guard_wanted)) = Some(T("once"));
                                                                }
                                                            }
                                                        }
                                                        __next = __Next::B1 {
                                                            wanted: __guard_wanted,
                                                        };
                                                        continue '__step;
                                                    }
                                                }
                                                let (wanted,) = __to_B8;
                                                let mut __guard_wanted = wanted;
                                                {
                                                    {
                                                        let __child = match (id(Some(3))) {
                                                            __awaited => {
                                                                __Awaited(&raw const __awaited).child(__awaited)
                                                            }
                                                        };
                                                        __overwrite(
                                                            &raw mut __state,
                                                            __State::S3_line12_id { __child },
                                                        );
                                                        __guard_wanted.suspend();
                                                        break '__B9;
                                                    }
                                                }
                                            }
                                            match &mut __state {
                                                __State::S3_line12_id { __child } => {
                                                    match __Coroutine::resume_child(
                                                        __child,
                                                        __cx,
                                                        __EXPANSION,
                                                    ) {
                                                        __Pending => return __Pending,
                                                        __Cancelled => break '__ended,
                                                        __Done(__awaited_8) => {
                                                            let __guard_wanted = __slot_wanted.guard();
                                                            __Coroutine::conclude(
                                                                &raw mut *__child,
                                                                &raw mut __state,
                                                                __State::Done,
                                                                __EXPANSION,
                                                            );
                                                            let wanted = __guard_wanted;
                                                            let mut __guard_wanted = wanted;
                                                            {
                                                                {
                                                                    let mut __awaited_8 = __awaited_8;
                                                                    (&__probe(&__awaited_8)).taken::<12, 12>();
                                                                    match __awaited_8 {
                                                                        Some(number) => {
                                                                            let __child = match (child(number)) {
                                                                                __awaited => {
                                                                                    __Awaited(&raw const __awaited).child(__awaited)
                                                                                }
                                                                            };
                                                                            __overwrite(
                                                                                &raw mut __state,
                                                                                __State::S4_line13_child {
                                                                                    __child,
                                                                                },
                                                                            );
                                                                            __guard_wanted.suspend();
                                                                            break '__B11;
                                                                        }
                                                                        _ => {
                                                                            __to_B12 = (__guard_wanted,);
                                                                            break '__B12;
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
                                        match &mut __state {
                                            __State::S4_line13_child { __child } => {
                                                match __Coroutine::resume_child(
                                                    __child,
                                                    __cx,
                                                    __EXPANSION,
                                                ) {
                                                    __Pending => return __Pending,
                                                    __Cancelled => break '__ended,
                                                    __Done(__awaited_9) => {
                                                        let __guard_wanted = __slot_wanted.guard();
                                                        __Coroutine::conclude(
                                                            &raw mut *__child,
                                                            &raw mut __state,
                                                            __State::Done,
                                                            __EXPANSION,
                                                        );
                                                        let wanted = __guard_wanted;
                                                        let mut __guard_wanted = wanted;
                                                        {
                                                            {
                                                                {
                                                                    let mut __awaited_9 = __awaited_9;
                                                                    return __Done(
                                                                        __Returned::<u32> {
                                                                            value: __awaited_9,
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
                                    let (wanted,) = __to_B12;
                                    let mut __guard_wanted = wanted;
                                    {
                                        {
                                            let __child = match (y()) {
                                                __awaited => {
                                                    __Awaited(&raw const __awaited).child(__awaited)
                                                }
                                            };
                                            __overwrite(
                                                &raw mut __state,
                                                __State::S5_line15_y { __child },
                                            );
                                            __guard_wanted.suspend();
                                            break '__B13;
                                        }
                                    }
                                }
                                match &mut __state {
                                    __State::S5_line15_y { __child } => {
                                        match __Coroutine::resume_child(
                                            __child,
                                            __cx,
                                            __EXPANSION,
                                        ) {
                                            __Pending => return __Pending,
                                            __Cancelled => break '__ended,
                                            __Done(__awaited_10) => {
                                                let __guard_wanted = __slot_wanted.guard();
                                                __Coroutine::conclude(
                                                    &raw mut *__child,
                                                    &raw mut __state,
                                                    __State::Done,
                                                    __EXPANSION,
                                                );
                                                let wanted = __guard_wanted;
                                                let mut __guard_wanted = wanted;
                                                {
                                                    {
                                                        let mut __awaited_10 = __awaited_10;
                                                        ::core::mem::drop(__awaited_10);
                                                        return __Done(__Returned::<u32> { value: 0 }.value);
                                                    }
                                                }
                                            }
                                        }
                                    }
                                    _ => __impossible(),
                                }
                            }
                        }
                        match &mut __state {
                            __State::Start {} => {
                                let __guard_wanted = __slot_wanted.guard();
                                __overwrite(&raw mut __state, __State::Done);
                            }
                            __State::Done => {}
                            _ => {
                                let __guard_wanted = __slot_wanted.guard();
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
