//! Borrows that travel from variable to variable before a suspension.

use segno_tests::both_worlds;

#[both_worlds]
mod carried {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    #[derive(Debug, Default)]
    struct Request<'a> {
        method: &'a str,
        fields: usize,
    }

    #[derive(Debug)]
    struct Guard<'a>(&'a T);

    impl Drop for Guard<'_> {
        fn drop(&mut self) {
            log(format!("unlock:{}", self.0.0));
        }
    }

    #[derive(Debug)]
    struct Ring<'a> {
        list: Vec<&'a T>,
    }

    impl<'a> Ring<'a> {
        fn put(&mut self, t: &'a T) -> Option<usize> {
            self.list.push(t);
            Some(self.list.len())
        }
    }

    #[derive(Debug)]
    struct Device {
        count: u32,
        slot: T,
    }

    impl Device {
        #[segno::coroutine]
        async fn count(&mut self) -> u32 {
            y().await;
            self.count += 1;
            self.count
        }

        #[segno::coroutine]
        async fn load(&mut self, n: u32) -> u32 {
            y().await;
            self.count += n;
            self.count
        }

        fn swap(&mut self, n: u32) -> &mut T {
            self.count = n;
            &mut self.slot
        }
    }

    fn attach<'a>(list: &mut Vec<&'a T>, t: &'a T) {
        list.push(t);
    }

    #[segno::coroutine]
    async fn out_of_a_for(v: Vec<T>) -> u32 {
        let mut last = None;
        for t in &v {
            last = Some(t);
        }
        y().await;
        last.map_or(0, |t| t.r() as u32)
    }
    case!(out_of_a_for(vec![T("a"), T("b")]));

    #[segno::coroutine]
    async fn found_by_a_for(mut v: Vec<T>) -> u32 {
        let mut found = None;
        for t in v.iter_mut() {
            if t.0 == "b" {
                found = Some(t);
                break;
            }
        }
        found.unwrap().renamed("n").await;
        v.len() as u32
    }
    case!(found_by_a_for(vec![T("a"), T("b")]));

    #[segno::coroutine]
    async fn of_a_table(n: u32) -> u32 {
        let table = [(1, T("one")), (2, T("two"))];
        let zero = T("zero");
        let mut found = &zero;
        for (k, t) in &table {
            if *k == n {
                found = t;
            }
        }
        y().await;
        found.r() as u32
    }
    case!(of_a_table(2));

    #[segno::coroutine]
    async fn out_of_an_if_let(text: String) -> usize {
        let (mut key, mut value) = ("", "");
        if let Some((k, v)) = text.split_once('=') {
            key = k;
            value = v;
        }
        y().await;
        key.len() * 10 + value.len()
    }
    case!(out_of_an_if_let("key=v".to_string()));

    #[segno::coroutine]
    async fn out_of_a_match(n: usize) -> usize {
        let bytes = [1u8, 2, 3, 4];
        let mut head: &[u8] = &[];
        match bytes[n..].split_first() {
            Some((_, tail)) if tail.len() > 2 => head = tail,
            _ => {}
        }
        y().await;
        head.len()
    }
    case!(out_of_a_match(0));

    #[segno::coroutine]
    async fn out_of_a_while_let(text: String) -> Vec<usize> {
        let mut words = text.split(' ');
        let mut list = Vec::new();
        while let Some(word) = words.next() {
            list.push(word);
        }
        y().await;
        list.iter().map(|word| word.len()).collect()
    }
    case!(out_of_a_while_let("a bc".to_string()));

    #[segno::coroutine]
    async fn into_fields(text: String) -> usize {
        let mut request = Request::default();
        let mut ends = ("", "");
        let mut words = ["", ""];
        for (i, word) in text.split(' ').enumerate() {
            request.method = word;
            request.fields += 1;
            words[i] = word;
            match word {
                "GET" => ends.0 = word,
                word => ends.1 = word,
            }
        }
        y().await;
        request.method.len() + request.fields + ends.0.len() + ends.1.len() + words[1].len()
    }
    case!(into_fields("GET /".to_string()));

    #[segno::coroutine]
    async fn through_a_reference(text: String) -> usize {
        let mut first = "";
        for (i, word) in text.split(' ').enumerate() {
            let slot = &mut first;
            if i == 0 {
                *slot = word;
            }
        }
        y().await;
        first.len()
    }
    case!(through_a_reference("abc d".to_string()));

    #[segno::coroutine]
    async fn out_of_a_block(text: String, t: T) -> usize {
        let last = {
            let mut words = text.split(' ');
            words.next_back().unwrap()
        };
        let guard = {
            let guard = Guard(&t);
            if last.is_empty() {
                return 0;
            }
            guard
        };
        y().await;
        last.len() + guard.0.r() as usize
    }
    case!(out_of_a_block("a bc".to_string(), T("t")));

    #[segno::coroutine]
    async fn in_the_next_round(t: T) -> u32 {
        let mut list = Vec::new();
        let mut map = BTreeMap::new();
        for i in 0..2 {
            y().await;
            list.push(&t);
            map.insert(i, &t);
        }
        list.len() as u32 + map[&1].r() as u32
    }
    case!(in_the_next_round(T("t")));

    #[segno::coroutine]
    async fn kept_by_calls(t: T) -> Option<u32> {
        let mut list = Vec::new();
        list.push((1, &t));
        let mut ring = Ring { list: Vec::new() };
        ring.put(&t)?;
        let mut option = None;
        if option.replace(&t).is_some() {
            return None;
        }
        let mut map = BTreeMap::new();
        map.entry(1).or_insert_with(Vec::new).push(&t);
        let mut attached = Vec::new();
        attach(&mut attached, &t);
        y().await;
        Some((list.len() + ring.list.len() + map[&1].len() + attached.len()) as u32)
    }
    case!(kept_by_calls(T("t")));

    #[segno::coroutine]
    async fn exchanged(t: T) -> u32 {
        let mut list = Vec::new();
        std::mem::swap(&mut list, &mut vec![&t]);
        let mut parts = Vec::new();
        parts.extend_from_slice(&[&t]);
        y().await;
        let old = std::mem::replace(&mut list, vec![&t, &t]);
        y().await;
        (old.len() + list.len() + parts.len()) as u32
    }
    case!(exchanged(T("t")));

    #[segno::coroutine]
    async fn by_closures(v: Vec<T>, t: T) -> u32 {
        let mut list = Vec::new();
        v.iter().for_each(|t| list.push(t));
        (|t| list.push(t))(&t);
        let kept = RefCell::new(Vec::new());
        let keep = |t| kept.borrow_mut().push(t);
        keep(&t);
        let mut lazy = None;
        lazy.get_or_insert_with(|| &t);
        y().await;
        let n = kept.borrow().len();
        list.len() as u32 + n as u32 + lazy.unwrap().r() as u32
    }
    case!(by_closures(vec![T("a")], T("t")));

    #[segno::coroutine]
    async fn of_a_break(n: u32, v: Vec<T>) -> u32 {
        let (t, u) = (T("t"), T("u"));
        let one = loop {
            if n > 1 {
                break &t;
            }
            break &u;
        };
        let found = 'found: {
            for t in &v {
                if t.0 == "b" {
                    break 'found t;
                }
            }
            return 0;
        };
        y().await;
        one.r() as u32 + found.r() as u32
    }
    case!(of_a_break(1, vec![T("a"), T("b")]));

    #[segno::coroutine]
    async fn cast_and_repeated(t: T) -> u32 {
        let shown = &t as &dyn std::fmt::Debug;
        let both = [&t; 2];
        y().await;
        log(format!("{shown:?}"));
        both.len() as u32
    }
    case!(cast_and_repeated(T("t")));

    #[segno::coroutine]
    async fn by_a_ref_in_an_arm(o: Option<T>) -> u32 {
        let t = match o {
            Some(ref t) => t,
            None => return 1,
        };
        y().await;
        t.r() as u32
    }
    case!(by_a_ref_in_an_arm(Some(T("t"))));

    #[segno::coroutine]
    async fn taken_apart_by_an_assignment(v: Vec<T>, t: T) -> u32 {
        let (mut one, mut other) = (None, None);
        if v.len() > 1 {
            (one, other) = (Some(&t), v.first());
        }
        y().await;
        one.map_or(0, |t| t.r() as u32) + other.map_or(0, |t| t.r() as u32)
    }
    case!(taken_apart_by_an_assignment(vec![T("a"), T("b")], T("t")));

    #[segno::coroutine]
    async fn taken_by_a_block(u: T, t: T) -> u32 {
        let waits = {
            let u = &u;
            async move {
                u.r();
                y().await;
                t.r() as u32
            }
        };
        y().await;
        waits.await + u.r() as u32
    }
    case!(taken_by_a_block(T("u"), T("t")));

    #[segno::coroutine]
    async fn copied_later(v: Vec<u32>, mut w: Vec<u32>) -> u32 {
        let mut sum = 0;
        for n in v.iter().copied() {
            sum += n;
            y().await;
        }
        let mut numbers = v.iter().cloned();
        while let Some(n) = numbers.next() {
            sum += child(n).await;
        }
        let mut changed = (&mut w).into_iter();
        y().await;
        *changed.next().unwrap() = 4;
        sum + w[0]
    }
    case!(copied_later(vec![1, 2], vec![3]));

    #[segno::coroutine]
    async fn awaited_like_numbers(mut device: Device) -> u32 {
        let n = device.count().await + device.load(2).await;
        let slot = device.swap(n);
        slot.renamed("s").await;
        device.count().await
    }
    case!(awaited_like_numbers(Device { count: 1, slot: T("slot") }));
}
