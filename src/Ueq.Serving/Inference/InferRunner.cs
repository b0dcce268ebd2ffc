using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.ObjectPool;

namespace Ueq.Serving.Inference;

/// <summary>What REST and gRPC share of an inference: the pooled work, and the counting.</summary>
internal sealed class InferRunner(ServiceParts parts)
{
    public ObjectPool<InferWork> Works { get; } = new DefaultObjectPool<InferWork>(new WorkPolicy());

    /// <summary>Counts an inference that was answered, when its answer has just been written.</summary>
    public void Count(AskedModel asked, InferWork work, int rows, long started, long running, long ran, HttpContext http, long id)
    {
        TimeSpan infer = Stopwatch.GetElapsedTime(running, ran);
        asked.Model.Statistics.Succeeded(rows, parts.Time.GetUtcNow(), Stopwatch.GetElapsedTime(started, running), infer, Stopwatch.GetElapsedTime(ran));
        if (asked.Served is null) return;
        parts.Tally.Inference.Add(infer.TotalSeconds);
        parts.Tally.Answered(rows, work.Rows.Unbounded);
        if (work.Rows.Arm is not null) parts.Exposed(work.Rows);
        parts.Log.Add(asked.Served, work.Rows, http, id);
    }

    private sealed class WorkPolicy : PooledObjectPolicy<InferWork>
    {
        public override InferWork Create() => new();

        public override bool Return(InferWork obj)
        {
            obj.Trim();
            return true;
        }
    }
}
