// A field is moved out of a slot while another is borrowed. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
struct Pair {
    first: T,
    second: T,
}

struct Lent<'a>(&'a mut T);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        *self.0 = T("returned");
    }
}

#[segno::coroutine]
async fn beside_a_borrow() {
    let mut pair = Pair { first: T("first"), second: T("second") };
    pair.first.renamed("renamed").await;
    let _lent = Lent(&mut pair.second);
    drop(pair.first);
}

fn main() {
    run(beside_a_borrow());
}
