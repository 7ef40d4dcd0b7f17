// Mounts, descriptors and ports belong to the whole process: one test after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
