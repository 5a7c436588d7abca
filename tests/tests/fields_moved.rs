//! Fields that are moved out of structures and tuples, and what is left of them, over suspensions.

use segno_tests::both_worlds;

#[both_worlds]
mod three {
    #[derive(Debug)]
    struct Three {
        a: T,
        b: T,
        n: u32,
    }

    fn three() -> Three {
        Three { a: T("a"), b: T("b"), n: 3 }
    }

    // Fields are moved out of a parameter, over suspensions.
    #[segno::coroutine]
    async fn of_a_parameter(s: Three) -> T {
        let a = s.a;
        y().await;
        log("moved");
        drop(s.b);
        child(s.n).await;
        a
    }
    dynamic_drop!(of_a_parameter(three()));

    // A field is moved in an `if` before a suspension.
    #[segno::coroutine]
    async fn conditional(c: bool) {
        let s = three();
        if c {
            drop(s.a);
        }
        y().await;
        s.b.r();
        y().await;
    }
    dynamic_drop!(conditional(true));
    dynamic_drop!(conditional_too = conditional(false));

    // A field is moved into a child in an `if`.
    #[segno::coroutine]
    async fn conditional_with_await(c: bool) {
        let s = three();
        if c {
            id(s.a).await;
        } else {
            y().await;
        }
        y().await;
        log("end");
    }
    dynamic_drop!(conditional_with_await(true));
    dynamic_drop!(conditional_with_await_too = conditional_with_await(false));

    // A field is moved, and assigned again after a suspension.
    #[segno::coroutine]
    async fn reassigned_field() {
        let mut s = three();
        drop(s.a);
        y().await;
        s.a = T("a2");
        y().await;
        s.b = id(T("b2")).await;
        y().await;
    }
    dynamic_drop!(reassigned_field());

    // Fields are borrowed across suspensions, and one is moved out between them.
    #[segno::coroutine]
    async fn borrowed_and_moved() {
        let mut s = three();
        s.a.renamed("a'").await;
        drop(s.a);
        s.b.renamed("b'").await;
        y().await;
    }
    dynamic_drop!(borrowed_and_moved());

    // Fields are moved and borrowed into children, one after the other.
    #[segno::coroutine]
    async fn into_children() -> u8 {
        let s = three();
        let n = id(s.a).await.r();
        y().await;
        n + two(&s.b, T("other")).await
    }
    dynamic_drop!(into_children());

    // Fields are moved one by one, with suspensions between.
    #[segno::coroutine]
    async fn struct_fields_one_by_one() -> u32 {
        let s = three();
        y().await;
        drop(s.b);
        y().await;
        drop(s.a);
        y().await;
        s.n
    }
    dynamic_drop!(struct_fields_one_by_one());

    // A field of a field is moved before a suspension.
    #[segno::coroutine]
    async fn nested_fields() {
        let s = (three(), T("side"));
        drop(s.0.a);
        y().await;
        drop(s.1);
        y().await;
    }
    dynamic_drop!(nested_fields());
}

#[both_worlds]
mod field_moved_as_last_use {
    // A field is moved as the last use of its struct, before a suspension.
    #[segno::coroutine]
    async fn field_of_last_use() -> u32 {
        struct Peripherals {
            pin: T,
            port: T,
            number: u32,
        }
        let p = Peripherals { pin: T("pin"), port: T("port"), number: 3 };
        let pin = p.pin;
        let number = p.number;
        y().await;
        pin.r();
        y().await;
        number
    }
    dynamic_drop!(field_of_last_use());
}

#[both_worlds]
mod field_moved_beside_a_borrow {
    // A field is moved out of a slot while another is borrowed.
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
    dynamic_drop!(beside_a_borrow());
}

#[both_worlds]
mod field_moved_on_one_path {
    // One field is moved on one path, another one on the other path.
    /// Allocates: an operation, like a log.
    fn t(name: &'static str) -> T {
        log(format!("+{name}"));
        T(name)
    }

    #[segno::coroutine]
    async fn one_field_moved(c: bool) {
        let pair = (t("p0"), t("p1"));
        if c {
            let first = pair.0;
            y().await;
            drop(first);
        } else {
            let second = pair.1;
            y().await;
        }
        y().await;
    }
    dynamic_drop!(one_field_moved(true));
    dynamic_drop!(other_field_moved = one_field_moved(false));
}

#[both_worlds]
mod field_taken_by_a_match {
    // A `match` moves out of one field, over suspensions.
    #[segno::coroutine]
    async fn by_a_match() {
        let s = (Some(T("some")), T("side"));
        match s.0 {
            Some(t) => {
                y().await;
                drop(t);
                y().await;
            }
            None => y().await,
        }
        s.1.r();
        y().await;
    }
    dynamic_drop!(by_a_match());
}

#[both_worlds]
mod tuple_field_moved {
    // A field of a tuple is moved before a suspension.
    #[segno::coroutine]
    async fn tuple_field() {
        let t = (T("t0"), T("t1"));
        drop(t.0);
        y().await;
        log("e");
    }
    dynamic_drop!(tuple_field());
}
