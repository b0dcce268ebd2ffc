namespace Ueq.Serving.Batching;

/// <summary>How the requests of one model are predicted together, and how often they were. Changed by the queue alone, under its lock.</summary>
internal sealed class ModelBatches(BatchingConfig config)
{
    public int MostRows => config.Rows;

    public int DelayMilliseconds => config.DelayMilliseconds;

    /// <summary>Rows of the model that wait.</summary>
    public int WaitingRows { get; set; }

    public long Batches { get; private set; }

    public long Requests { get; private set; }

    public long Rows { get; private set; }

    /// <summary>Batches that failed and were predicted again, request by request.</summary>
    public long Split { get; set; }

    /// <summary>The batches of a model; <c>null</c> when its requests are predicted one by one.</summary>
    public static ModelBatches? Of(BatchingConfig config, string name, string reference) =>
        config.Models.Any(m => m == "*" || m == name || m == reference) ? new ModelBatches(config) : null;

    public void Count(int requests, int rows)
    {
        Batches++;
        Requests += requests;
        Rows += rows;
    }
}
