struct Message {
    topic: String,
    text: String,
}

#[segno::coroutine]
async fn publish(message: Message) -> usize {
    let topic = message.topic;
    segno::yield_now().await;
    let length = topic.len() + message.text.len();
    drop(message.text);
    segno::yield_now().await;
    length
}
