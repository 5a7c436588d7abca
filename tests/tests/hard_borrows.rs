//! Borrows that are themselves kept, passed on and returned.

use segno_tests::both_worlds;

#[both_worlds]
mod hard_borrows {
    #[derive(Debug)]
    struct Line {
        bytes: [u8; 4],
        length: usize,
    }

    impl Line {
        fn new() -> Self {
            Line { bytes: *b"abcd", length: 2 }
        }

        fn as_slice(&self) -> &[u8] {
            &self.bytes[..self.length]
        }

        fn tail(&mut self) -> &mut [u8] {
            &mut self.bytes[self.length..]
        }

        #[segno::coroutine]
        async fn longer(&mut self) -> &mut u8 {
            y().await;
            self.length += 1;
            &mut self.bytes[self.length - 1]
        }
    }

    #[segno::coroutine]
    async fn bump(n: &mut u32) -> &mut u32 {
        y().await;
        *n += 10;
        n
    }

    #[segno::coroutine]
    async fn slice_from_a_method() -> usize {
        let mut line = Line::new();
        let slice = line.as_slice();
        y().await;
        let n = slice.len() + get(&slice[0]).await as usize;
        let tail = line.tail();
        y().await;
        tail[0] = b'z';
        y().await;
        n + line.bytes[2] as usize
    }
    case!(slice_from_a_method());

    #[segno::coroutine]
    async fn borrow_returned_by_a_child() -> (u8, usize) {
        let mut line = Line::new();
        let byte = line.longer().await;
        *byte = b'x';
        y().await;
        let copy = *byte;
        *line.longer().await = b'y';
        y().await;
        (copy, line.length)
    }
    case!(borrow_returned_by_a_child());

    #[segno::coroutine]
    async fn borrow_passed_through_children() -> u32 {
        let mut n = 1;
        let r = bump(&mut n).await;
        let r = bump(r).await;
        *bump(r).await += 100;
        y().await;
        n
    }
    case!(borrow_passed_through_children());

    #[segno::coroutine]
    async fn borrow_ends_before_the_next_use() -> u32 {
        let mut x = 1;
        let r = &mut x;
        y().await;
        *r += 1;
        x += 10;
        y().await;
        let r = &x;
        y().await;
        let sum = *r + x;
        x = 0;
        y().await;
        sum + x
    }
    case!(borrow_ends_before_the_next_use());

    #[segno::coroutine]
    async fn binding_borrows_across_an_await() -> u32 {
        let mut option = Some(3u32);
        if let Some(n) = &mut option {
            y().await;
            *n += 1;
        }
        if let Some(n) = option.as_mut() {
            *n += child(10).await;
        }
        match &mut option {
            Some(n) if *n > 5 => {
                y().await;
                *n *= 2;
            }
            _ => {}
        }
        let Some(ref n) = option else { return 0 };
        y().await;
        *n
    }
    case!(binding_borrows_across_an_await());

    #[segno::coroutine]
    async fn while_let_borrows_across_an_await() -> u32 {
        let mut stack = vec![2u32, 1];
        let mut rounds = 0;
        while let Some(top) = stack.last_mut() {
            rounds += 1;
            y().await;
            *top -= 1;
            if *top == 0 {
                stack.pop();
            }
        }
        rounds
    }
    case!(while_let_borrows_across_an_await());

    #[segno::coroutine]
    async fn draining_and_peeking() -> Vec<u32> {
        let mut queue = vec![1u32, 2, 3];
        let mut seen = Vec::new();
        for n in queue.drain(1..) {
            y().await;
            seen.push(n);
        }
        let mut peekable = seen.iter().chain(&queue).peekable();
        let mut out = Vec::new();
        while let Some(n) = peekable.next() {
            y().await;
            out.push(n * 10 + peekable.peek().map_or(0, |n| **n));
        }
        out
    }
    case!(draining_and_peeking());

    #[segno::coroutine]
    async fn extended_temporary_is_borrowed() -> usize {
        let text: &str = &String::from("long lived");
        y().await;
        let words = &mut text.split(' ');
        let first = words.next().unwrap_or("");
        y().await;
        first.len() * 10 + words.next().map_or(0, str::len)
    }
    case!(extended_temporary_is_borrowed());

    #[segno::coroutine]
    async fn struct_with_a_mutable_borrow() -> [u8; 4] {
        struct Writer<'a> {
            out: &'a mut [u8],
            at: usize,
        }
        let mut bytes = [0; 4];
        {
            let mut writer = Writer { out: &mut bytes, at: 0 };
            for byte in b"xyz" {
                y().await;
                writer.out[writer.at] = *byte;
                writer.at += 1;
            }
            let rest = &mut writer.out[writer.at..];
            y().await;
            rest[0] = b'!';
        }
        y().await;
        bytes
    }
    case!(struct_with_a_mutable_borrow());

    struct Guard<'a>(&'a T);

    impl Drop for Guard<'_> {
        fn drop(&mut self) {
            log(format!("guard of {}", self.0.0));
        }
    }

    #[segno::coroutine]
    async fn token_with_a_borrow_is_dropped() -> u32 {
        let t = T("t");
        let _guard = Guard(&t);
        y().await;
        let u = T("u");
        let guard = Guard(&u);
        y().await;
        drop(guard);
        drop(u);
        y().await;
        1
    }
    case!(token_with_a_borrow_is_dropped());

    #[segno::coroutine]
    async fn borrow_in_a_branch(c: bool) -> u32 {
        let mut a = 1u32;
        let mut b = 2u32;
        let r = if c { &mut a } else { &mut b };
        y().await;
        *r += child(10).await;
        y().await;
        a * 100 + b
    }
    case!(borrow_in_a_branch_true = borrow_in_a_branch(true));
    case!(borrow_in_a_branch_false = borrow_in_a_branch(false));

    #[segno::coroutine]
    async fn reborrowed_each_round(line: &mut Line) -> u8 {
        let mut current = &mut *line;
        let mut sum = 0;
        for _ in 0..2 {
            let byte = current.longer().await;
            sum += *byte - b'a';
            y().await;
            current = &mut *current;
        }
        current.length = 0;
        sum
    }
    case!(reborrowed_each_round(&mut Line::new()));

    /// What borrows has no destructor, what it borrows from has one; both end before the next round.
    #[segno::coroutine]
    async fn of_a_value_of_this_round(rounds: u8) -> Result<u8, Failure> {
        struct View<'a>(&'a T);

        fn view(t: &T) -> Result<View<'_>, Failure> {
            Ok(View(t))
        }

        let mut n = 0;
        loop {
            let t = id(T("t")).await;
            let view = view(&t)?;
            match view {
                View(t) if n < rounds => n += t.r(),
                View(_) if rounds == 0 => return Ok(0),
                View(t) => break Ok(n + t.r()),
            }
        }
    }
    case!(of_no_round = of_a_value_of_this_round(0));
    case!(of_each_round = of_a_value_of_this_round(3));

    #[segno::coroutine]
    async fn of_a_scrutinee() -> u8 {
        let mut n = 0;
        loop {
            let t = id(T("t")).await;
            match core::slice::from_ref(&t).iter().next() {
                Some(t) if n > 3 => break t.r(),
                Some(t) => n += t.r() + 1,
                None => continue,
            }
        }
    }
    case!(of_a_scrutinee());

    #[segno::coroutine]
    async fn linked_references() -> u32 {
        struct Node<'a> {
            n: u32,
            next: Option<&'a Node<'a>>,
        }
        let last = Node { n: 1, next: None };
        let middle = Node { n: 2, next: Some(&last) };
        y().await;
        let first = Node { n: 3, next: Some(&middle) };
        let mut at = &first;
        let mut sum = at.n;
        while let Some(next) = at.next {
            at = next;
            sum = sum * 10 + child(at.n).await;
        }
        sum
    }
    case!(linked_references());

    /// `ref` in a condition borrows what is looked at.
    #[segno::coroutine]
    async fn by_ref_in_conditions(mut q: Option<T>, mut p: (T, u32)) {
        if let Some(ref t) = q {
            t.a().await;
        }
        while let Some(ref mut t) = q {
            t.renamed("renamed").await;
            q = None;
        }
        if let (ref mut a, 3) = p
            && let Some(ref b) = Some(T("b"))
        {
            a.renamed("a").await;
            b.a().await;
        }
    }
    dynamic_drop!(by_ref_in_conditions(Some(T("q")), (T("p"), 3)));

    /// A reference that is still there when an `else` suspends.
    #[segno::coroutine]
    async fn beside_an_else(mut n: u32) -> Option<u32> {
        let x = &mut n;
        let Some(_) = (*x == 3).then_some(1) else {
            y().await;
            *x += 1;
            return Some(*x);
        };
        *x += 2;
        y().await;
        Some(n)
    }
    dynamic_drop!(beside_an_else(3));
    dynamic_drop!(in_an_else = beside_an_else(4));

    /// What is copied may be borrowed meanwhile.
    #[segno::coroutine]
    async fn copied_beside_a_reference(n: u32, p: (u32, u32)) -> u32 {
        let v = &n;
        id(n).await;
        let w = match &p {
            q if q.0 > 2 => {
                id((T("a"), p, T("b"))).await;
                child(id(3).await).await + q.1
            }
            _ => 0,
        };
        let k = {
            let r = &w;
            id(w).await;
            let s = r;
            y().await;
            *s
        };
        *v + w + k
    }
    dynamic_drop!(copied_beside_a_reference(3, (4, 5)));

    struct Watch<'a>(&'a u32);

    impl Drop for Watch<'_> {
        fn drop(&mut self) {
            log(format!("saw {}", self.0));
        }
    }

    fn watch(n: &u32) -> Watch<'_> {
        Watch(n)
    }

    #[segno::coroutine]
    async fn copied_beside_a_destructor(n: u32) {
        let _w = watch(&n);
        id(n).await;
        id((T("a"), T("b"))).await;
    }
    dynamic_drop!(copied_beside_a_destructor(7));

    #[segno::coroutine]
    async fn copied_beside_a_list(n: u32, m: [u32; 3]) -> u32 {
        let mut list = Vec::new();
        list.push(&n);
        id(n).await;
        let mut all = m.iter();
        id(m).await;
        id((T("a"), T("b"))).await;
        *list[0] + all.next().unwrap()
    }
    dynamic_drop!(copied_beside_a_list(7, [3, 4, 5]));

    /// Whatever was given a reference may keep it: by way of another variable, in a call that suspends, through a shared cell.
    #[segno::coroutine]
    async fn copied_beside_what_others_keep(n: u32) -> u32 {
        let mut list: Vec<&u32> = Vec::new();
        let (a, b, c) = (n + 1, n + 2, n + 3);
        let w = &a;
        list.push(w);
        push(&mut list, &b).await;
        let cell = core::cell::Cell::new(&n);
        let shared = &cell;
        shared.set(&c);
        id(a).await;
        id(b).await;
        id(c).await;
        id([T("over"), T("written")]).await;
        list.iter().copied().sum::<u32>() * 10 + cell.get()
    }
    #[segno::coroutine]
    async fn push<'a>(list: &mut Vec<&'a u32>, n: &'a u32) {
        y().await;
        list.push(n);
    }
    dynamic_drop!(copied_beside_what_others_keep(7));

    /// The same, where the machine goes back without a suspension.
    #[segno::coroutine]
    async fn copied_in_an_earlier_round(c: bool, n: u32) -> u32 {
        y().await;
        let n = n + 3;
        let w = &n;
        let mut sum = 0;
        let mut rounds = 0;
        loop {
            rounds += 1;
            let x = T("x");
            if rounds > 1 {
                sum += *w;
                drop(x);
                break;
            }
            sum += u32::min(n, 100);
            if c {
                drop(x);
            }
        }
        child(sum).await
    }
    dynamic_drop!(copied_in_an_earlier_round(true, 4));
    #[segno::coroutine]
    async fn add_to(bytes: &mut [u8; 2], n: u8) {
        y().await;
        bytes[0] += n;
    }

    struct Buffers([[u8; 2]; 2]);

    impl Buffers {
        fn all(&mut self) -> &mut [[u8; 2]; 2] {
            &mut self.0
        }

        /// What a pointer points to is reached through a call.
        #[segno::coroutine]
        async fn by_pointers<H>(&mut self, more: H) -> u8
        where
            H: Into<u8> + Copy,
        {
            let mut tasks = Vec::new();
            for index in 0..2 {
                let more = &more;
                // SAFETY: nothing in it needs the word, which stands there in drivers whose buffers are statics.
                let buffer: *mut [u8; 2] = &mut unsafe { self.all() }[index];
                tasks.push(async move {
                    y().await;
                    // SAFETY: each task has a buffer of its own, and `self` is borrowed as long.
                    add_to(unsafe { &mut *buffer }, (*more).into()).await;
                    // SAFETY: as above.
                    unsafe { (&(*buffer))[0] }
                });
            }
            let mut sum = 0;
            while let Some(task) = tasks.pop() {
                sum += task.await;
            }
            sum
        }
    }

    #[segno::coroutine]
    async fn pointers_into_self() -> u8 {
        Buffers([[1, 2], [3, 4]]).by_pointers(5).await
    }
    case!(pointers_into_self());
}
