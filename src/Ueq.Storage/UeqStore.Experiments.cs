using System.Data.Common;
using Ueq.Monitoring;

namespace Ueq.Storage;

public sealed partial class UeqStore
{
    /// <summary>All experiments that were made while serving, by name.</summary>
    public Task<IReadOnlyList<StoredExperiment>> ListExperimentsAsync(CancellationToken cancellation) =>
        _database.RunAsync<IReadOnlyList<StoredExperiment>>(Access.Read, async (c, token) =>
        {
            await using DbCommand select = c.Command("SELECT name, body, revision FROM ueq_experiments ORDER BY name");
            await using DbDataReader row = await select.ExecuteReaderAsync(token);
            List<StoredExperiment> all = [];
            while (await row.ReadAsync(token)) all.Add(new StoredExperiment(row.GetString(0), row.GetString(1), row.GetInt64(2)));
            return all;
        }, cancellation);

    /// <summary>Saves an experiment and who changed it, both or neither.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="body">What it is, as text.</param>
    /// <param name="revision">The revision that was changed; 0 for a new one.</param>
    /// <param name="audit">What somebody did.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns><c>false</c> when somebody else has saved it since: nothing is saved then.</returns>
    public Task<bool> SaveExperimentAsync(string name, string body, long revision, AuditEntry audit, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(audit);
        ArgumentOutOfRangeException.ThrowIfNegative(revision);
        return _database.RunAsync(Access.Write, async (c, token) =>
        {
            await using DbTransaction transaction = await c.BeginTransactionAsync(token);
            int saved = await c.ExecuteAsync(
                revision == 0
                    ? "INSERT INTO ueq_experiments (name, body, revision, changed) VALUES (@name, @body, 1, @changed) ON CONFLICT (name) DO NOTHING"
                    : "UPDATE ueq_experiments SET body = @body, revision = revision + 1, changed = @changed WHERE name = @name AND revision = @revision",
                transaction, token, ("@name", name), ("@body", body), ("@changed", Moments.Stored(audit.At)), ("@revision", revision));
            if (saved == 0) return false;
            await c.ExecuteAsync(
                "INSERT INTO ueq_audit (at, who, action, subject, state_before, state_after) VALUES (@at, @who, @action, @subject, @before, @after)", transaction, token,
                ("@at", Moments.Stored(audit.At)), ("@who", audit.Who), ("@action", audit.Action), ("@subject", audit.Subject), ("@before", audit.Before), ("@after", audit.After));
            await transaction.CommitAsync(token);
            return true;
        }, cancellation);
    }

    /// <summary>Adds up how often arms have answered.</summary>
    public Task AddExposuresAsync(IReadOnlyList<ExposureRecord> exposures, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(exposures);
        return _database.RunAsync(Access.Write, async (c, token) =>
        {
            await using DbTransaction transaction = await c.BeginTransactionAsync(token);
            foreach (ExposureRecord added in exposures.OrderBy(e => e.Experiment, StringComparer.Ordinal).ThenBy(e => e.Arm, StringComparer.Ordinal))
            {
                // The row is taken first, so that no other replica's users are lost between reading and writing.
                await c.ExecuteAsync(
                    """
                    INSERT INTO ueq_exposures (experiment, arm, requests, row_count, unnamed, users) VALUES (@experiment, @arm, @requests, @rows, @unnamed, @users)
                    ON CONFLICT (experiment, arm) DO UPDATE SET requests = ueq_exposures.requests + excluded.requests, row_count = ueq_exposures.row_count + excluded.row_count, unnamed = ueq_exposures.unnamed + excluded.unnamed
                    """, transaction, token,
                    ("@experiment", added.Experiment), ("@arm", added.Arm), ("@requests", added.Requests), ("@rows", added.Rows), ("@unnamed", added.Unnamed), ("@users", new DistinctCount().Save()));
                await using DbCommand select = c.Command("SELECT users FROM ueq_exposures WHERE experiment = @experiment AND arm = @arm", transaction, ("@experiment", added.Experiment), ("@arm", added.Arm));
                DistinctCount users = DistinctCount.Restore((byte[])(await select.ExecuteScalarAsync(token))!);
                users.Merge(added.Users);
                await c.ExecuteAsync(
                    "UPDATE ueq_exposures SET users = @users WHERE experiment = @experiment AND arm = @arm", transaction, token,
                    ("@users", users.Save()), ("@experiment", added.Experiment), ("@arm", added.Arm));
            }

            await Database.CommitOnceAsync(transaction, token);
            return 0;
        }, cancellation);
    }

    /// <summary>How often all arms have answered, over all replicas.</summary>
    public Task<IReadOnlyList<ExposureRecord>> ListExposuresAsync(CancellationToken cancellation) =>
        _database.RunAsync<IReadOnlyList<ExposureRecord>>(Access.Read, async (c, token) =>
        {
            await using DbCommand select = c.Command("SELECT experiment, arm, requests, row_count, unnamed, users FROM ueq_exposures ORDER BY experiment, arm");
            await using DbDataReader row = await select.ExecuteReaderAsync(token);
            List<ExposureRecord> all = [];
            while (await row.ReadAsync(token))
                all.Add(new ExposureRecord(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), DistinctCount.Restore((byte[])row.GetValue(5))));
            return all;
        }, cancellation);

    /// <summary>What labels have shown of an experiment's arms, by bucket of users.</summary>
    public Task<IReadOnlyList<StoredOutcome>> ListOutcomesAsync(string experiment, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        return _database.RunAsync(Access.Read, (c, token) => Outcomes.ReadAsync(c, experiment, token), cancellation);
    }

    /// <summary>Keeps what arms in the shadow would have answered, for when the label comes.</summary>
    public Task AddShadowsAsync(IReadOnlyList<ShadowRecord> shadows, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(shadows);
        return _database.RunAsync(Access.Write, async (c, token) =>
        {
            await using DbTransaction transaction = await c.BeginTransactionAsync(token);
            foreach (ShadowRecord s in shadows)
            {
                await c.ExecuteAsync(
                    """
                    INSERT INTO ueq_shadows (receipt, experiment, control, arm, bucket, issued, prediction, lower, upper, label_set)
                    VALUES (@receipt, @experiment, @control, @arm, @bucket, @issued, @prediction, @lower, @upper, @set) ON CONFLICT (receipt) DO NOTHING
                    """, transaction, token,
                    ("@receipt", Outcomes.Key(c, s.ReceiptId)), ("@experiment", s.Experiment), ("@control", s.Control), ("@arm", s.Arm), ("@bucket", s.Bucket), ("@issued", Moments.Stored(s.IssuedAt)),
                    ("@prediction", s.Prediction), ("@lower", s.Lower), ("@upper", s.Upper), ("@set", s.Set.ToArray()));
            }

            await transaction.CommitAsync(token);
            return 0;
        }, cancellation);
    }

    /// <summary>Answers of arms in the shadow whose labels have come and are not counted yet.</summary>
    /// <param name="most">The most to answer.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<IReadOnlyList<LabelledShadow>> ListLabelledShadowsAsync(int most, CancellationToken cancellation) =>
        _database.RunAsync<IReadOnlyList<LabelledShadow>>(Access.Read, async (c, token) =>
        {
            await using DbCommand select = c.Command(
                """
                SELECT s.receipt, s.experiment, s.control, s.arm, s.bucket, s.issued, s.prediction, s.lower, s.upper, s.label_set,
                    l.model, l.version, l.arrived, l.prediction, l.lower, l.upper, l.y, l.score, l.covered, l.coverage
                FROM ueq_shadow_labels q JOIN ueq_shadows s ON s.receipt = q.receipt JOIN ueq_labels l ON l.receipt = q.receipt LIMIT @most
                """, null, ("@most", most));
            await using DbDataReader row = await select.ExecuteReaderAsync(token);
            List<LabelledShadow> all = [];
            while (await row.ReadAsync(token))
            {
                ShadowRecord shadow = new(
                    Outcomes.Receipt(row, 0), row.GetString(1), row.GetString(2), row.GetString(3), (int)row.GetInt64(4), Moments.Read(row.GetInt64(5)),
                    Number(row, 6), Number(row, 7), Number(row, 8), (byte[])row.GetValue(9));
                all.Add(new LabelledShadow(shadow, new LabelRecord(
                    shadow.ReceiptId, row.GetString(10), row.GetString(11), null, shadow.IssuedAt, Moments.Read(row.GetInt64(12)), Number(row, 13), Number(row, 14), Number(row, 15), Number(row, 16), Number(row, 17),
                    Convert.ToBoolean(row.GetValue(18), System.Globalization.CultureInfo.InvariantCulture))
                { Coverage = Number(row, 19) }));
            }

            return all;
        }, cancellation);

    /// <summary>Counts labels of rows that were answered in the shadow too, and forgets those answers. What another replica has counted is passed over.</summary>
    /// <param name="counted">By receipt: what the label adds to the control and to the arm in the shadow.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task CountShadowsAsync(IReadOnlyList<(Guid Receipt, ArmLabel Control, ArmLabel Arm)> counted, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(counted);
        return _database.RunAsync(Access.Write, async (c, token) =>
        {
            await using DbTransaction transaction = await c.BeginTransactionAsync(token);
            List<ArmLabel> mine = [];
            foreach ((Guid receipt, ArmLabel control, ArmLabel arm) in counted.OrderBy(e => e.Receipt))
            {
                object key = Outcomes.Key(c, receipt);
                if (await c.ExecuteAsync("DELETE FROM ueq_shadows WHERE receipt = @receipt", transaction, token, ("@receipt", key)) == 0) continue;
                await c.ExecuteAsync("DELETE FROM ueq_shadow_labels WHERE receipt = @receipt", transaction, token, ("@receipt", key));
                mine.Add(control);
                mine.Add(arm);
            }

            await Outcomes.AddAsync(c, transaction, mine, token);
            await transaction.CommitAsync(token);
            return 0;
        }, cancellation);
    }

    /// <summary>Forgets answers of arms in the shadow that are too old or too many, the oldest first, and labels that have waited for one in vain.</summary>
    /// <param name="issuedBefore">Answers given before are forgotten.</param>
    /// <param name="labelledBefore">Labels that came before and still wait are counted for nothing.</param>
    /// <param name="most">The most answers that are kept.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Labels that waited in vain.</returns>
    public Task<int> ForgetShadowsAsync(DateTimeOffset issuedBefore, DateTimeOffset labelledBefore, int most, CancellationToken cancellation) =>
        _database.RunAsync(Access.Write, async (c, token) =>
        {
            await c.ExecuteAsync("DELETE FROM ueq_shadows WHERE issued < @before", null, token, ("@before", Moments.Stored(issuedBefore)));
            await c.ExecuteAsync(
                "DELETE FROM ueq_shadows WHERE issued <= (SELECT issued FROM ueq_shadows ORDER BY issued DESC LIMIT 1 OFFSET @most)", null, token, ("@most", most));
            return await c.ExecuteAsync(
                "DELETE FROM ueq_shadow_labels WHERE arrived < @before AND NOT EXISTS (SELECT 1 FROM ueq_shadows s WHERE s.receipt = ueq_shadow_labels.receipt)", null, token,
                ("@before", Moments.Stored(labelledBefore)));
        }, cancellation);
}
