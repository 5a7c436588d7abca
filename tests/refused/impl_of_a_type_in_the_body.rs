// An `impl` in the body, for a type of the body. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn struct_holding_a_borrow() -> u32 {
    struct View<'a> {
        data: &'a [u32],
        at: usize,
    }
    impl View<'_> {
        fn next(&mut self) -> u32 {
            self.at += 1;
            self.data[self.at - 1]
        }
    }
    let data = [3u32, 4, 5];
    let mut view = View { data: &data, at: 0 };
    let a = view.next();
    y().await;
    let b = child(view.next()).await;
    y().await;
    a + b * 10 + view.next() * 100
}

fn main() {
    run(struct_holding_a_borrow());
}
