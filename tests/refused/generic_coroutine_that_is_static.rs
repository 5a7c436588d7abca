// A coroutine with a type parameter has to be `'static`, beside an await of another one with the same type: rustc infers a
// lifetime for the frame that is awaited, and takes it for that of the other one too. A plain function that makes the first
// one is the way out.

use segno_tests::*;

struct Text(&'static str);

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Text {
        Text(text)
    }
}

fn is_static<C: 'static>(_: C) {}

#[segno::coroutine]
async fn generic<E: From<&'static str>>(text: &'static str) -> Result<(), E> {
    y().await;
    Err(text.into())
}

#[segno::coroutine]
async fn beside_an_await() {
    is_static(generic::<Text>("a"));
    generic::<Text>("b").await.ok();
}

fn main() {
    run(beside_an_await());
}
