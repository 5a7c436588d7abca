// Fields are moved out of a structure that the file declares: each becomes a variable.

use segno_tests::{T, y};

pub struct Message {
    pub topic: T,
    pub text: T,
    pub retries: u8,
}

#[segno::coroutine]
pub async fn publish(message: Message) -> u8 {
    let topic = message.topic;
    y().await;
    let read = topic.r() + message.text.r();
    y().await;
    read + message.retries
}
