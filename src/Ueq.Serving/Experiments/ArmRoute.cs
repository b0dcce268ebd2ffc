using Ueq.Monitoring;

namespace Ueq.Serving.Experiments;

/// <summary>One arm of a running experiment as a request meets it.</summary>
internal sealed class ArmRoute
{
    private readonly byte[] _said, _parameters;

    public ArmRoute(ExperimentConfig experiment, string arm, ServedModel model, ArmTally tally)
    {
        Experiment = experiment;
        Arm = arm;
        Model = model;
        Tally = tally;
        JsonBytes said = new();
        if (experiment.Kind != ExperimentKind.Shadow)
        {
            said.Raw(",\"experiment\":{\"name\":"u8);
            said.Text(experiment.Name);
            said.Raw(",\"arm\":"u8);
            said.Text(arm);
            said.Raw("}"u8);
        }

        _said = said.Written.ToArray();
        JsonBytes parameters = new();
        parameters.Raw(",\"experiment\":"u8);
        parameters.Text(experiment.Name);
        parameters.Raw(",\"arm\":"u8);
        parameters.Text(arm);
        _parameters = parameters.Written.ToArray();
        JsonBytes receipt = new();
        receipt.Raw(System.Text.Encoding.UTF8.GetBytes(experiment.Name));
        receipt.Raw("\0"u8);
        receipt.Raw(System.Text.Encoding.UTF8.GetBytes(arm));
        Receipted = receipt.Written.ToArray();
    }

    public ExperimentConfig Experiment { get; }

    /// <summary>The arm's reference.</summary>
    public string Arm { get; }

    public ServedModel Model { get; }

    public ArmTally Tally { get; }

    /// <summary>The arm that computes in the shadow of this one; <c>null</c> when none does.</summary>
    public ArmRoute? Shadow { get; init; }

    /// <summary>Experiment and arm as an answer says them: a piece of JSON that begins with a comma; nothing of a shadow, which users are not to see.</summary>
    public ReadOnlySpan<byte> Said => _said;

    /// <summary>The same among the parameters of an inference.</summary>
    public ReadOnlySpan<byte> SaidAsParameters => _parameters;

    /// <summary>The arm as it is asked by tensors, once it was.</summary>
    public AskedModel? Tensors { get; set; }

    /// <summary>Experiment and arm as receipts carry them: two names with a zero byte between.</summary>
    public byte[] Receipted { get; }

    public bool SaysModel => Experiment.Kind != ExperimentKind.Shadow;
}

/// <summary>How often an arm has answered since it was last asked, and which users.</summary>
internal sealed class ArmTally(string experiment, string arm)
{
    private readonly Lock _gate = new();
    private DistinctCount _users = new();
    private long _requests, _rows, _unnamed, _total;

    public string Experiment => experiment;

    public string Arm => arm;

    /// <summary>Requests answered since the start of the process.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>Counts a request that the arm has answered.</summary>
    public void Count(PredictWork work)
    {
        Interlocked.Increment(ref _total);
        lock (_gate)
        {
            _requests++;
            _rows += work.Rows;
            if (work.User.IsEmpty) _unnamed++;
            else _users.Add(work.Lot.Hash);
        }
    }

    /// <summary>Counts rows of a stream beyond its first batch.</summary>
    public void CountMore(int rows)
    {
        lock (_gate) _rows += rows;
    }

    /// <summary>What was counted since the last time; <c>null</c> when nothing was.</summary>
    public Exposure? Take()
    {
        lock (_gate)
        {
            if (_requests == 0 && _rows == 0) return null;
            Exposure taken = new(experiment, arm, _requests, _rows, _unnamed, _users);
            (_requests, _rows, _unnamed, _users) = (0, 0, 0, new DistinctCount());
            return taken;
        }
    }

    /// <summary>Takes back what could not be stored.</summary>
    public void Return(Exposure exposure)
    {
        lock (_gate)
        {
            _requests += exposure.Requests;
            _rows += exposure.Rows;
            _unnamed += exposure.Unnamed;
            _users.Merge(exposure.Users);
        }
    }
}
