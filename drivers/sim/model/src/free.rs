//! The set of free trunk channels, hunted from the lowest: one bit each.

#[derive(Debug, Clone)]
pub(crate) struct FreeSet(Vec<u64>);

impl FreeSet {
    /// Members 0..n, all free.
    pub(crate) fn full(n: u32) -> Self {
        let mut set = Self(vec![0; n.div_ceil(64) as usize]);
        (0..n).for_each(|member| set.put(member, true));
        set
    }

    pub(crate) fn put(&mut self, member: u32, free: bool) {
        let bit = 1u64 << (member % 64);
        if let Some(word) = self.0.get_mut((member / 64) as usize) {
            *word = if free { *word | bit } else { *word & !bit };
        }
    }

    pub(crate) fn lowest(&self) -> Option<u32> {
        let index = self.0.iter().position(|word| *word != 0)?;
        Some(index as u32 * 64 + self.0[index].trailing_zeros())
    }
}
