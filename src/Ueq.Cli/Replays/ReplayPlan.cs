using Ueq.Data;

namespace Ueq.Cli.Replays;

/// <summary>What ueq monitor replays, and against what.</summary>
/// <param name="Reference">Rows from before; <c>null</c> where the detector needs none.</param>
/// <param name="Stream">Rows to replay.</param>
/// <param name="Columns">Columns to watch; none stands for all.</param>
/// <param name="TimeColumn">Column of times: then a row is compared with rows of its hour of the week; <c>null</c> without one.</param>
/// <param name="ErrorColumn">Column of 0 and 1 that detectors of errors look at; <c>null</c> for the others.</param>
/// <param name="Detector">Name of the detector.</param>
/// <param name="Csv">How the files are read.</param>
internal sealed record ReplayPlan(
    string? Reference, string Stream, string[] Columns, string? TimeColumn, string? ErrorColumn, string Detector, CsvOptions Csv)
{
    /// <summary>The columns and what their texts stand for.</summary>
    public ColumnCodes Learn() => ErrorColumn is not null
        ? ColumnCodes.Learn(Stream, [ErrorColumn], null, Csv)
        : ColumnCodes.Learn(Reference!, Columns, TimeColumn, Csv);
}
