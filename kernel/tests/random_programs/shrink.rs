// SPDX-License-Identifier: Apache-2.0
//! Makes a program smaller while it still fails, so that a person can see why.

use super::syntax::{Expression, Program, Statement};

/// The smallest program found that still fails.
pub(crate) fn shrink(mut program: Program, fails: impl Fn(&Program) -> bool) -> Program {
    let mut position = 0;
    loop {
        let mut smaller = program.clone();
        let mut count = position;
        let removed = smaller
            .functions
            .iter_mut()
            .any(|function| remove(&mut function.body, &mut count));
        if !removed {
            break;
        }
        if fails(&smaller) {
            program = smaller;
        } else {
            position += 1;
        }
    }
    for number in 0..program.functions.len() {
        let mut smaller = program.clone();
        smaller.functions[number].result = Expression::Variable(0);
        if fails(&smaller) {
            program = smaller;
        }
    }
    program
}

/// Removes the statement that is `count` statements further on, or replaces it by what is in it.
fn remove(statements: &mut Vec<Statement>, count: &mut usize) -> bool {
    for index in 0..statements.len() {
        if *count == 0 {
            statements.remove(index);
            return true;
        }
        *count -= 1;
        if *count == 0
            && let Statement::If(_, accept, reject) = &statements[index]
        {
            let inner = accept.iter().chain(reject).cloned().collect::<Vec<_>>();
            statements.splice(index..=index, inner);
            return true;
        }
        let inside = match &mut statements[index] {
            Statement::If(_, first, second) | Statement::Loop(_, _, first, second, _) => {
                remove(first, count) || remove(second, count)
            }
            Statement::For(.., body) | Statement::While(.., body) => remove(body, count),
            Statement::Switch(_, cases, default) => {
                cases.iter_mut().any(|case| remove(case, count)) || remove(default, count)
            }
            _ => false,
        };
        if inside {
            return true;
        }
    }
    false
}
