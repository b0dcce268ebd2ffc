namespace Ueq.Client;

public sealed partial class UeqClient
{
    /// <summary>Predictions of any number of rows, in their order, in bounded memory: rows are taken as fast as answers are.</summary>
    /// <remarks>
    /// The rows go out in requests of some hundred, several at a time, to all healthy addresses; each of them is repeated as any other call.
    /// A row that the service cannot answer is an answer with an <see cref="RowAnswer.Error"/>, and the stream goes on.
    /// </remarks>
    /// <param name="rows">The rows, each with the model's columns in its order; NaN is a missing value.</param>
    /// <param name="options">What to ask for, and how much at a time.</param>
    /// <param name="progress">Is told how far it has come, once per request.</param>
    /// <param name="cancellation">Ends the stream.</param>
    /// <exception cref="UeqClientException">The service did not answer; <see cref="UeqClientException.RowsAnswered"/> says how many rows had been answered.</exception>
    public IAsyncEnumerable<RowAnswer> PredictLargeAsync(
        IAsyncEnumerable<float[]> rows, LargeOptions? options = null, IProgress<LargeProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Stream(new RowSource<float[]>(rows, (json, row, index) => RowWriter.Write(json, row, index)), options, progress, cancellation);
    }

    /// <summary>Predictions of any number of rows of numbers and texts.</summary>
    /// <inheritdoc cref="PredictLargeAsync(IAsyncEnumerable{float[]}, LargeOptions?, IProgress{LargeProgress}?, CancellationToken)"/>
    public IAsyncEnumerable<RowAnswer> PredictLargeAsync(
        IAsyncEnumerable<FeatureValue[]> rows, LargeOptions? options = null, IProgress<LargeProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Stream(new RowSource<FeatureValue[]>(rows, (json, row, index) => RowWriter.Write(json, row, index)), options, progress, cancellation);
    }

    /// <summary>Predictions of the lines of an NDJSON stream, <c>[1, 2]</c> or <c>{"x": [1, 2], "group": "a"}</c>, which are sent as they are; blank lines are none.</summary>
    /// <param name="lines">The stream, in UTF-8; stays the caller's.</param>
    /// <inheritdoc cref="PredictLargeAsync(IAsyncEnumerable{float[]}, LargeOptions?, IProgress{LargeProgress}?, CancellationToken)" path="//*[not(self::param[@name='rows'])]"/>
    /// <param name="options">What to ask for, and how much at a time.</param>
    /// <param name="progress">Is told how far it has come, once per request.</param>
    /// <param name="cancellation">Ends the stream.</param>
    /// <exception cref="InvalidDataException">A line is longer than 1 MiB.</exception>
    public IAsyncEnumerable<RowAnswer> PredictLargeAsync(
        Stream lines, LargeOptions? options = null, IProgress<LargeProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return Stream(new LineSource(lines), options, progress, cancellation);
    }

    /// <summary>Predictions of the rows of a CSV file with a header: the model's columns are found by their names, others are left out.</summary>
    /// <remarks>An empty field is a missing value, or the empty text where that is one of the column's.</remarks>
    /// <param name="csv">The file, in UTF-8; stays the caller's.</param>
    /// <param name="options">What to ask for, and how much at a time.</param>
    /// <param name="progress">Is told how far it has come, once per request.</param>
    /// <param name="cancellation">Ends the stream.</param>
    /// <exception cref="InvalidDataException">A column is not there, or a line is no row.</exception>
    /// <exception cref="UeqClientException">The service did not answer; <see cref="UeqClientException.RowsAnswered"/> says how many rows had been answered.</exception>
    public IAsyncEnumerable<RowAnswer> PredictCsvAsync(
        Stream csv, LargeOptions? options = null, IProgress<LargeProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(csv);
        char delimiter = options?.Delimiter ?? ',';
        return PredictLargeAsync(Rows(cancellation), options, progress, cancellation);

        async IAsyncEnumerable<FeatureValue[]> Rows([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
        {
            ModelInfoAnswer model = await ModelInfoAsync(options?.Predict.Model, stop).ConfigureAwait(false);
            await foreach (FeatureValue[] row in CsvRows.ReadAsync(csv, model.Features, delimiter, stop).ConfigureAwait(false)) yield return row;
        }
    }

    private IAsyncEnumerable<RowAnswer> Stream(IChunkSource source, LargeOptions? options, IProgress<LargeProgress>? progress, CancellationToken cancellation)
    {
        options ??= new LargeOptions();
        options.Validate();
        return new ChunkedStream(_sender, source, options, progress).RunAsync(cancellation);
    }
}
