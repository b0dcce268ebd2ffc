// Torch has one generator of random numbers per process, and some tests seed it or draw from it by hand.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
