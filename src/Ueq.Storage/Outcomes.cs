using System.Data.Common;
using Ueq.Monitoring;

namespace Ueq.Storage;

/// <summary>The sums of <c>ueq_outcomes</c>: added to in the transaction that takes the label, so that it counts once.</summary>
internal static class Outcomes
{
    private static readonly string[] Columns =
    [
        "labels", "covered", "bounded", "width", "width_squares", "loss", "loss_squares",
        "covered_gain", "covered_gain_squares", "width_gain", "width_gain_squares", "loss_gain", "loss_gain_squares",
    ];

    private static readonly string Upsert =
        $"INSERT INTO ueq_outcomes (experiment, arm, bucket, {string.Join(", ", Columns)}) VALUES (@experiment, @arm, @bucket, {string.Join(", ", Columns.Select(c => "@" + c))}) "
        + $"ON CONFLICT (experiment, arm, bucket) DO UPDATE SET {string.Join(", ", Columns.Select(c => $"{c} = ueq_outcomes.{c} + excluded.{c}"))}";

    /// <summary>What new labels add, and which of them wait for an arm in the shadow.</summary>
    public static async Task AddLabelsAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<LabelRecord> labels, bool[] isNew, CancellationToken cancellation)
    {
        List<ArmLabel>? arms = null;
        for (int i = 0; i < labels.Count; i++)
        {
            if (!isNew[i] || labels[i].Arm is not { } arm) continue;
            if (arm.Sums is not null) (arms ??= []).Add(arm);
            else
                await connection.ExecuteAsync(
                    "INSERT INTO ueq_shadow_labels (receipt, arrived) VALUES (@receipt, @arrived) ON CONFLICT (receipt) DO NOTHING", transaction, cancellation,
                    ("@receipt", Key(connection, labels[i].ReceiptId)), ("@arrived", Moments.Stored(labels[i].ArrivedAt)));
        }

        if (arms is not null) await AddAsync(connection, transaction, arms, cancellation);
    }

    // In one order, so that two transactions never wait for each other.
    public static async Task AddAsync(DbConnection connection, DbTransaction transaction, IEnumerable<ArmLabel> labels, CancellationToken cancellation)
    {
        foreach (var group in labels.GroupBy(l => (l.Experiment, l.Arm, l.Bucket)).OrderBy(g => g.Key.Experiment, StringComparer.Ordinal).ThenBy(g => g.Key.Arm, StringComparer.Ordinal).ThenBy(g => g.Key.Bucket))
        {
            OutcomeSums s = group.Aggregate(default(OutcomeSums), (sum, label) => sum.Add(label.Sums!.Value));
            await connection.ExecuteAsync(
                Upsert, transaction, cancellation, ("@experiment", group.Key.Experiment), ("@arm", group.Key.Arm), ("@bucket", group.Key.Bucket),
                ("@labels", s.Labels), ("@covered", s.Covered), ("@bounded", s.Bounded), ("@width", s.Width), ("@width_squares", s.WidthSquares), ("@loss", s.Loss), ("@loss_squares", s.LossSquares),
                ("@covered_gain", s.CoveredGain), ("@covered_gain_squares", s.CoveredGainSquares), ("@width_gain", s.WidthGain), ("@width_gain_squares", s.WidthGainSquares),
                ("@loss_gain", s.LossGain), ("@loss_gain_squares", s.LossGainSquares));
        }
    }

    public static async Task<IReadOnlyList<StoredOutcome>> ReadAsync(DbConnection connection, string experiment, CancellationToken cancellation)
    {
        await using DbCommand select = connection.Command(
            $"SELECT arm, bucket, {string.Join(", ", Columns)} FROM ueq_outcomes WHERE experiment = @experiment ORDER BY arm, bucket", null, ("@experiment", experiment));
        await using DbDataReader row = await select.ExecuteReaderAsync(cancellation);
        List<StoredOutcome> all = [];
        while (await row.ReadAsync(cancellation))
        {
            all.Add(new StoredOutcome(row.GetString(0), (int)row.GetInt64(1), new OutcomeSums
            {
                Labels = row.GetInt64(2),
                Covered = row.GetInt64(3),
                Bounded = row.GetInt64(4),
                Width = row.GetDouble(5),
                WidthSquares = row.GetDouble(6),
                Loss = row.GetDouble(7),
                LossSquares = row.GetDouble(8),
                CoveredGain = row.GetDouble(9),
                CoveredGainSquares = row.GetDouble(10),
                WidthGain = row.GetDouble(11),
                WidthGainSquares = row.GetDouble(12),
                LossGain = row.GetDouble(13),
                LossGainSquares = row.GetDouble(14),
            }));
        }

        return all;
    }

    /// <summary>A receipt as the database keys it.</summary>
    public static object Key(DbConnection connection, Guid receipt) => connection is Microsoft.Data.Sqlite.SqliteConnection ? receipt.ToByteArray(bigEndian: true) : receipt;

    public static Guid Receipt(DbDataReader row, int column) => row.GetValue(column) is byte[] bytes ? new Guid(bytes, bigEndian: true) : row.GetGuid(column);
}
