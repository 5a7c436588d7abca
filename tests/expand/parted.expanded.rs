use segno_tests::{T, y};
pub struct Message {
    pub topic: T,
    pub text: T,
    pub retries: u8,
}
pub fn publish(message: Message) -> impl ::segno::Awaitable<u8> {
    {
        use ::segno::machine::scope::*;
        if false {
            __twin(move || -> u8 {
                let message = message;
                {
                    let topic = message.topic;
                    __await(y()).wait().output();
                    let read = topic.r() + message.text.r();
                    __await(y()).wait().output();
                    __Returned::<u8> {
                        value: read + message.retries,
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
            enum __State<C1, C2, Q1_1_1, Q4_1_1, V0, V1, V2, V4> {
                Start { message: V0 },
                S1_line14_y {
                    __child: C1,
                    topic: V1,
                    message_text: V4,
                    message_retries: u8,
                },
                S2_line16_y {
                    __child: C2,
                    read: V2,
                    topic: Q1_1_1,
                    message_text: Q4_1_1,
                    message_retries: u8,
                },
                Done,
            }
            let mut __state = __State::Start { message };
            __Machine {
                step: move |__resumed: __Option<&mut __Context<'_>>| -> __Resume<u8> {
                    '__ended: {
                        let __Some(__cx) = __resumed else { break '__ended };
                        '__B2: {
                            '__B1: {
                                match &mut __state {
                                    __State::Start { message } => {
                                        let mut message = __take(message);
                                        __overwrite(&raw mut __state, __State::Done);
                                        let mut message = message;
                                        (&__probe(&message)).taken::<12, 22>();
                                        let Message {
                                            retries: message_retries,
                                            text: message_text,
                                            topic: message_topic,
                                        } = message;
                                        {
                                            let topic = message_topic;
                                            let __child = match (y()) {
                                                __awaited => {
                                                    __Awaited(&raw const __awaited).child(__awaited)
                                                }
                                            };
                                            __overwrite(
                                                &raw mut __state,
                                                __State::S1_line14_y {
                                                    __child,
                                                    message_retries: message_retries,
                                                    message_text: message_text,
                                                    topic: topic,
                                                },
                                            );
                                            break '__B1;
                                        }
                                    }
                                    __State::Done => __finished(),
                                    __State::S1_line14_y { .. } => break '__B1,
                                    _ => break '__B2,
                                }
                            }
                            match &mut __state {
                                __State::S1_line14_y {
                                    __child,
                                    message_retries,
                                    message_text,
                                    topic,
                                } => {
                                    match __Coroutine::resume_child(
                                        __child,
                                        __cx,
                                        __EXPANSION,
                                    ) {
                                        __Pending => return __Pending,
                                        __Cancelled => break '__ended,
                                        __Done(__awaited_6) => {
                                            let message_retries = __take(message_retries);
                                            let message_text = __take(message_text);
                                            let topic = __take(topic);
                                            __Coroutine::conclude(
                                                &raw mut *__child,
                                                &raw mut __state,
                                                __State::Done,
                                                __EXPANSION,
                                            );
                                            let __tag_topic_1_1;
                                            let __tag_message_text_1_1;
                                            let mut message_retries = message_retries;
                                            let mut message_text = message_text;
                                            {
                                                let mut topic = topic;
                                                let mut __awaited_6 = __awaited_6;
                                                ::core::mem::drop(__awaited_6);
                                                __tag_topic_1_1 = {
                                                    let __reference = (&&&__probe(&topic)).reference();
                                                    let __call = if true {
                                                        __None
                                                    } else {
                                                        trait SG0035_put_the_receiver_into_braces {
                                                            fn r(self) -> __Borrowed;
                                                        }
                                                        impl<T> SG0035_put_the_receiver_into_braces for T {
                                                            fn r(self) -> __Borrowed {
                                                                __Borrowed
                                                            }
                                                        }
                                                        __never();
                                                        __Some(__reference.receiver(topic).r())
                                                    };
                                                    __reference.answer((&__probe_call(__call)).receiver())
                                                };
                                                __tag_message_text_1_1 = {
                                                    let __reference = (&&&__probe(&message_text)).reference();
                                                    let __call = if true {
                                                        __None
                                                    } else {
                                                        trait SG0035_put_the_receiver_into_braces {
                                                            fn r(self) -> __Borrowed;
                                                        }
                                                        impl<T> SG0035_put_the_receiver_into_braces for T {
                                                            fn r(self) -> __Borrowed {
                                                                __Borrowed
                                                            }
                                                        }
                                                        __never();
                                                        __Some(__reference.receiver(message_text).r())
                                                    };
                                                    __reference.answer((&__probe_call(__call)).receiver())
                                                };
                                                let read = topic.r() + message_text.r();
                                                let __child = match (y()) {
                                                    __awaited => {
                                                        __Awaited(&raw const __awaited).child(__awaited)
                                                    }
                                                };
                                                __overwrite(
                                                    &raw mut __state,
                                                    __State::S2_line16_y {
                                                        __child,
                                                        message_retries: message_retries,
                                                        message_text: if __tag_message_text_1_1.borrows() {
                                                            __tag_message_text_1_1.when_borrowed();
                                                            __tag_message_text_1_1
                                                                .place({
                                                                    let __how = (&__probe(&message_text)).holding();
                                                                    if __how.keeps(&message_text) {
                                                                        __how.hold(message_text)
                                                                    } else {
                                                                        __how.nothing(&message_text)
                                                                    }
                                                                })
                                                        } else {
                                                            __tag_message_text_1_1.no_place()
                                                        },
                                                        topic: if __tag_topic_1_1.borrows() {
                                                            __tag_topic_1_1.when_borrowed();
                                                            __tag_topic_1_1
                                                                .place({
                                                                    let __how = (&__probe(&topic)).holding();
                                                                    if __how.keeps(&topic) {
                                                                        __how.hold(topic)
                                                                    } else {
                                                                        __how.nothing(&topic)
                                                                    }
                                                                })
                                                        } else {
                                                            __tag_topic_1_1.no_place()
                                                        },
                                                        read: read,
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
                            __State::S2_line16_y {
                                __child,
                                message_retries,
                                message_text,
                                topic,
                                read,
                            } => {
                                match __Coroutine::resume_child(
                                    __child,
                                    __cx,
                                    __EXPANSION,
                                ) {
                                    __Pending => return __Pending,
                                    __Cancelled => break '__ended,
                                    __Done(__awaited_7) => {
                                        let message_retries = __take(message_retries);
                                        let message_text = __take(message_text);
                                        let topic = __take(topic);
                                        let read = __take(read);
                                        __Coroutine::conclude(
                                            &raw mut *__child,
                                            &raw mut __state,
                                            __State::Done,
                                            __EXPANSION,
                                        );
                                        let mut message_retries = message_retries;
                                        let mut message_text = message_text;
                                        {
                                            let mut topic = topic;
                                            let mut read = read;
                                            let mut __awaited_7 = __awaited_7;
                                            ::core::mem::drop(__awaited_7);
                                            return __Done(
                                                __Returned::<u8> {
                                                    value: read + message_retries,
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
