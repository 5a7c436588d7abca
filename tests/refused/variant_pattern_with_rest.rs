// A pattern with `..`, for a variant of an enum that may have a destructor, on an awaited value. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
enum Event {
    Key(u8),
    Text(T),
    Move { x: u32, y: u32 },
    Quit,
}

#[segno::coroutine]
async fn await_in_scrutinee(event: Event) -> u32 {
    match id(event).await {
        Event::Key(1) => 1,
        Event::Key(k @ 2..=9) => child(k as u32).await,
        Event::Key(_) => 3,
        Event::Text(_) | Event::Quit => {
            y().await;
            4
        }
        Event::Move { x, .. } => x,
    }
}

fn main() {
    run(await_in_scrutinee(Event::Key(1)));
    run(await_in_scrutinee(Event::Key(5)));
    run(await_in_scrutinee(Event::Key(50)));
    run(await_in_scrutinee(Event::Text(T("t"))));
    run(await_in_scrutinee(Event::Move { x: 7, y: 0 }));
}
