//! Lists in pages: `?limit=` and `?offset=`.

use eyeline_output::Query;

use crate::errors::Error;

/// Most items of one page, and how many there are if nothing is said.
const MOST: usize = 1_000;

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    limit: usize,
    offset: usize,
}

impl Page {
    /// Reads the parameters of a URL.
    ///
    /// # Errors
    /// Names the parameter and what it accepts.
    pub(crate) fn of(query: Option<&str>) -> Result<Self, Error> {
        let query = Query::parse(query.unwrap_or_default());
        let number = |name: &'static str, range: std::ops::RangeInclusive<usize>, default| {
            let Some(text) = query.get(name) else {
                return Ok(default);
            };
            let found = text.parse().ok().filter(|number| range.contains(number));
            let why = || {
                format!(
                    "use a whole number from {} to {}",
                    range.start(),
                    range.end()
                )
            };
            found.ok_or_else(|| Error::Member(name, why()))
        };
        Ok(Self {
            limit: number("limit", 1..=MOST, MOST)?,
            offset: number("offset", 0..=i32::MAX as usize, 0)?,
        })
    }

    /// This part of the list, and how long all of it is.
    pub(crate) fn cut<T, U: From<T>>(self, all: Vec<T>) -> (Vec<U>, usize) {
        self.cut_with(all, U::from)
    }

    /// As [`cut`](Self::cut), by way of a function.
    pub(crate) fn cut_with<T, U>(self, all: Vec<T>, make: impl FnMut(T) -> U) -> (Vec<U>, usize) {
        let total = all.len();
        let part = all.into_iter().skip(self.offset).take(self.limit);
        (part.map(make).collect(), total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_the_part_that_was_asked_for_and_the_total_is_of_all() {
        let check = |query: &str, expected: &[u64]| {
            let (part, total) = Page::of(Some(query)).unwrap().cut(vec![1_u32, 2, 3, 4, 5]);
            assert_eq!((part.as_slice(), total), (expected, 5), "{query}");
        };
        check("", &[1, 2, 3, 4, 5]);
        check("limit=2", &[1, 2]);
        check("limit=2&offset=4", &[5]);
        check("offset=9", &[]);
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for query in ["limit=0", "limit=1001", "limit=x", "offset=-1", "limit="] {
            assert!(Page::of(Some(query)).is_err(), "{query}");
        }
    }
}
