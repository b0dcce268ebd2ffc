namespace Ueq.Serving.Inference.Rpc;

/// <summary>A model's figures as messages.</summary>
internal static class RpcStatistics
{
    public static ModelStatistics Of(AskedModel model)
    {
        InferenceStatistics all = model.Model.Statistics;
        return new ModelStatistics
        {
            Name = model.Name,
            Version = model.Version,
            LastInference = (ulong)all.Last,
            InferenceCount = (ulong)all.Rows,
            ExecutionCount = (ulong)all.Success.Count,
            InferenceStats = new InferStatistics
            {
                Success = Of(all.Success),
                Fail = Of(all.Fail),
                Queue = new StatisticDuration { Count = (ulong)all.Success.Count },
                ComputeInput = Of(all.Input),
                ComputeInfer = Of(all.Infer),
                ComputeOutput = Of(all.Output),
                CacheHit = new StatisticDuration(),
                CacheMiss = new StatisticDuration(),
            },
            BatchStats = { all.Sizes.Select(size => Of(size.Key, size.Value)) },
        };
    }

    private static InferBatchStatistics Of(int rows, InferenceStatistics.BatchTime time) =>
        new() { BatchSize = (ulong)rows, ComputeInput = Of(time.Input), ComputeInfer = Of(time.Infer), ComputeOutput = Of(time.Output) };

    private static StatisticDuration Of(InferenceStatistics.TimeSum time) => new() { Count = (ulong)time.Count, Ns = (ulong)time.Nanoseconds };
}
