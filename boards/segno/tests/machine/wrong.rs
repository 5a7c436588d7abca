#[segno::coroutine]
async fn wrong(values: &[u8]) {
    values.iter().for_each(|value| send(*value).await);
    unknown!(send(1).await);
}

#[segno::coroutine]
async fn right(value: u8) {
    send(value).await;
}
