//! Makes a function that fails smaller, while it fails in the same way.
//!
//! Each step makes every simpler variant of the function (a statement less, a block's content instead of the block, an
//! operand instead of the operation, a parameter less, …), compiles and runs them all as one batch, and goes on with the
//! smallest that still fails so. What makes no sense rustc throws away.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, File, FnArg, Local, Pat, Signature, Stmt, parse_quote};

use segno_fuzz::Function;

use crate::batch::Batch;
use crate::outcome::{Outcome, Result as Of};
use crate::program::Numbered;

/// How many variants are compiled together.
const MOST_VARIANTS: usize = 100;

/// The smallest function that fails as this one does.
pub fn reduce(batch: &Batch<'_>, failing: &Of, mut tell: impl FnMut(usize)) -> Result<Of, String> {
    let class = failing.outcome.class().ok_or("this function does not fail")?;
    let mut best = failing.clone();
    best.function.text = text(&parsed(&best.function)?);
    // One of the calls is enough, if it is one.
    for call in &failing.function.calls {
        let function = Function { calls: vec![call.clone()], ..best.function.clone() };
        if let Some(found) = first_failing(batch, vec![function], &class)? {
            best = found;
            break;
        }
    }
    loop {
        let size = best.function.text.len();
        tell(size);
        let mut variants = variants(&best.function)?;
        variants.sort_by_key(|variant| variant.text.len());
        variants.dedup_by(|a, b| a.text == b.text);
        variants.retain(|variant| variant.text.len() < size);
        let mut smaller = None;
        // The smallest first: the batch that has one that fails ends the step.
        for chunk in variants.chunks(MOST_VARIANTS) {
            smaller = first_failing(batch, chunk.to_vec(), &class)?;
            if smaller.is_some() {
                break;
            }
        }
        match smaller {
            Some(found) => best = found,
            None => return Ok(best),
        }
    }
}

fn first_failing(batch: &Batch<'_>, functions: Vec<Function>, class: &str) -> Result<Option<Of>, String> {
    let numbered: Vec<Numbered> = functions
        .into_iter()
        .enumerate()
        .map(|(i, function)| (i as u64, renamed(&function, &format!("f{i}"))))
        .collect();
    let results = batch.process(numbered)?;
    Ok(results.into_iter().find(|result| {
        !matches!(result.outcome, Outcome::Invalid(_)) && result.outcome.class().as_deref() == Some(class)
    }))
}

/// The function under another name.
fn renamed(function: &Function, name: &str) -> Function {
    let word = |text: &str| {
        let mut parts = text.splitn(2, &format!("{}(", function.name)).map(String::from).collect::<Vec<_>>();
        if parts.len() == 2 { format!("{}{name}({}", parts.remove(0), parts.remove(0)) } else { text.to_string() }
    };
    Function {
        name: name.to_string(),
        text: word(&function.text),
        calls: function.calls.iter().map(|call| word(call)).collect(),
    }
}

/// All variants that are one step simpler.
fn variants(function: &Function) -> Result<Vec<Function>, String> {
    let file = parsed(function)?;
    let mut all = Vec::new();
    for target in 0.. {
        let mut file = file.clone();
        let mut step = Step { seen: 0, target, parameter: None };
        step.visit_file_mut(&mut file);
        if step.seen <= target {
            return Ok(all);
        }
        let calls = match step.parameter {
            Some(i) => function.calls.iter().map(|call| without_argument(call, i)).collect::<Result<_, _>>()?,
            None => function.calls.clone(),
        };
        all.push(Function { name: function.name.clone(), text: text(&file), calls });
    }
    unreachable!("there are only so many variants")
}

fn parsed(function: &Function) -> Result<File, String> {
    syn::parse_file(&function.text).map_err(|error| format!("it cannot be parsed: {error}"))
}

fn text(file: &File) -> String {
    // Closer to how it is written: the name stands before its parenthesis, and the attribute is found.
    let mut text = file.to_token_stream().to_string();
    for (spaced, close) in [(" (", "("), (" :: ", "::"), (" . ", "."), (" ;", ";"), (" ,", ","), ("# [", "#[")] {
        text = text.replace(spaced, close);
    }
    text + "\n"
}

fn without_argument(call: &str, i: usize) -> Result<String, String> {
    let mut call: syn::ExprCall = syn::parse_str(call).map_err(|error| format!("{call}: {error}"))?;
    call.args =
        std::mem::take(&mut call.args).into_iter().enumerate().filter(|(j, _)| *j != i).map(|(_, arg)| arg).collect();
    Ok(call.to_token_stream().to_string().replace(" (", "("))
}

/// Makes the `target`-th simplification.
struct Step {
    seen: usize,
    target: usize,
    /// The parameter that it took away.
    parameter: Option<usize>,
}

impl Step {
    fn is_next(&mut self) -> bool {
        self.seen += 1;
        self.seen == self.target + 1
    }

    fn is_done(&self) -> bool {
        self.seen > self.target
    }
}

impl VisitMut for Step {
    fn visit_signature_mut(&mut self, signature: &mut Signature) {
        for i in 0..signature.inputs.len() {
            if matches!(signature.inputs[i], FnArg::Typed(_)) && self.is_next() {
                let inputs = std::mem::take(&mut signature.inputs);
                signature.inputs =
                    inputs.into_iter().enumerate().filter(|(j, _)| *j != i).map(|(_, input)| input).collect();
                self.parameter = Some(i);
                return;
            }
        }
        if !matches!(signature.output, syn::ReturnType::Default) && self.is_next() {
            signature.output = syn::ReturnType::Default;
        }
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        let count = block.stmts.len();
        if count >= 4 {
            for half in [0..count / 2, count / 2..count] {
                if self.is_next() {
                    block.stmts.drain(half);
                    return;
                }
            }
        }
        for i in 0..count {
            if self.is_next() {
                block.stmts.remove(i);
                return;
            }
            if let Some(inner) = inside(&block.stmts[i])
                && self.is_next()
            {
                block.stmts.splice(i..=i, inner);
                return;
            }
        }
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        if let Some(init) = &mut local.init
            && init.diverge.is_some()
            && self.is_next()
        {
            init.diverge = None;
            return;
        }
        visit_mut::visit_local_mut(self, local);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if self.is_done() {
            return;
        }
        for simpler in simpler(expr) {
            if self.is_next() {
                *expr = simpler;
                return;
            }
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        if self.is_done() {
            return;
        }
        if !matches!(pattern, Pat::Wild(_) | Pat::Type(_)) {
            if self.is_next() {
                *pattern = parse_quote!(_);
                return;
            }
            for part in parts(pattern) {
                if self.is_next() {
                    *pattern = part;
                    return;
                }
            }
        }
        visit_mut::visit_pat_mut(self, pattern);
    }
}

/// What a statement contains: in its place.
fn inside(statement: &Stmt) -> Option<Vec<Stmt>> {
    let Stmt::Expr(expr, _) = statement else { return None };
    Some(match expr {
        Expr::Block(inner) => inner.block.stmts.clone(),
        Expr::Loop(inner) => inner.body.stmts.clone(),
        Expr::While(inner) => inner.body.stmts.clone(),
        Expr::ForLoop(inner) => inner.body.stmts.clone(),
        Expr::If(inner) => inner.then_branch.stmts.clone(),
        _ => return None,
    })
}

fn block(block: &Block) -> Expr {
    parse_quote!(#block)
}

/// Simpler expressions that may stand in its place.
fn simpler(expr: &Expr) -> Vec<Expr> {
    let mut all: Vec<Expr> = Vec::new();
    match expr {
        Expr::Await(inner) => all.push((*inner.base).clone()),
        Expr::Try(inner) => all.push((*inner.expr).clone()),
        Expr::Paren(inner) => all.push((*inner.expr).clone()),
        Expr::Reference(inner) => all.push((*inner.expr).clone()),
        Expr::Unary(inner) => all.push((*inner.expr).clone()),
        Expr::Field(inner) => all.push((*inner.base).clone()),
        Expr::Cast(inner) => all.push((*inner.expr).clone()),
        Expr::Index(inner) => all.push((*inner.expr).clone()),
        Expr::MethodCall(inner) => {
            all.push((*inner.receiver).clone());
            all.extend(inner.args.iter().cloned());
        }
        Expr::Call(inner) => all.extend(inner.args.iter().cloned()),
        Expr::Binary(inner) => all.extend([(*inner.left).clone(), (*inner.right).clone()]),
        Expr::Tuple(inner) => all.extend(inner.elems.iter().cloned()),
        Expr::Array(inner) => {
            all.extend(inner.elems.iter().cloned());
            for i in 0..inner.elems.len() {
                let rest = inner.elems.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, elem)| elem);
                all.push(parse_quote!([#(#rest),*]));
            }
        }
        Expr::Struct(inner) => all.extend(inner.fields.iter().map(|field| field.expr.clone())),
        Expr::Assign(inner) => all.push((*inner.right).clone()),
        Expr::Closure(inner) => all.push((*inner.body).clone()),
        Expr::Loop(inner) => all.push(block(&inner.body)),
        Expr::While(inner) => all.push(block(&inner.body)),
        Expr::ForLoop(inner) => all.extend([block(&inner.body), (*inner.expr).clone()]),
        Expr::If(inner) => {
            all.push(block(&inner.then_branch));
            if let Some((_, other)) = &inner.else_branch {
                all.push((**other).clone());
                let mut without = inner.clone();
                without.else_branch = None;
                all.push(Expr::If(without));
            }
        }
        Expr::Match(inner) => {
            all.extend(inner.arms.iter().map(|arm| (*arm.body).clone()));
            for i in 0..inner.arms.len() {
                let mut without = inner.clone();
                without.arms.remove(i);
                all.push(Expr::Match(without));
            }
        }
        Expr::Block(inner) => {
            if let [Stmt::Expr(only, None)] = &inner.block.stmts[..] {
                all.push(only.clone());
            }
            if inner.label.is_some() {
                all.push(block(&inner.block));
            }
        }
        Expr::Break(inner) if inner.label.is_some() => {
            let mut without = inner.clone();
            without.label = None;
            all.push(Expr::Break(without));
        }
        _ => {}
    }
    if !matches!(expr, Expr::Lit(_) | Expr::Path(_) | Expr::Break(_) | Expr::Continue(_)) {
        all.extend([parse_quote!(T("z")), parse_quote!(1), parse_quote!(true), parse_quote!(None), parse_quote!(())]);
        all.push(parse_quote!(y().await));
    }
    all.push(Expr::Path(syn::ExprPath {
        attrs: Vec::new(),
        qself: None,
        path: Ident::new("c", Span::call_site()).into(),
    }));
    all
}

/// Parts of a pattern.
fn parts(pattern: &Pat) -> Vec<Pat> {
    match pattern {
        Pat::Tuple(inner) => inner.elems.iter().cloned().collect(),
        Pat::TupleStruct(inner) => inner.elems.iter().cloned().collect(),
        Pat::Struct(inner) => inner.fields.iter().map(|field| (*field.pat).clone()).collect(),
        Pat::Slice(inner) => inner.elems.iter().cloned().collect(),
        Pat::Or(inner) => inner.cases.iter().cloned().collect(),
        Pat::Ident(inner) if inner.by_ref.is_some() || inner.mutability.is_some() => {
            let name = &inner.ident;
            let tokens: TokenStream = name.to_token_stream();
            vec![parse_quote!(#tokens)]
        }
        _ => Vec::new(),
    }
}
