using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Http;
using Ueq.Conformal;

namespace Ueq.Serving.Inference;

/// <summary>A served model, asked by tensors.</summary>
internal sealed partial class ServedInference : InferenceModel
{
    private const string Matrix = "input";

    // Answers are made in one piece; these many values are about half a gigabyte of JSON.
    private const int MostValues = 1 << 24;

    private readonly ServedModel _model;
    private readonly byte[][] _columns, _labels;
    private readonly LabelSetCalibration? _calibration;
    private readonly byte[] _said;
    private readonly ServiceParts _parts;
    private readonly string[] _known;

    public ServedInference(ServedModel model, ServiceParts parts)
    {
        _model = model;
        _parts = parts;
        _calibration = (model.Version.Classifier as ConformalClassifier)?.Calibration;
        FeatureSchema schema = model.Schema;
        _columns = [.. schema.Columns.Select(c => Encoding.UTF8.GetBytes(c.Name))];
        Inputs = schema.IsNumeric
            ? [new TensorSpec(Matrix, TensorType.Fp32, -1, schema.Width)]
            : [.. schema.Columns.Select(c => new TensorSpec(c.Name, c.Categories is null ? TensorType.Fp32 : TensorType.Bytes, -1, 1))];
        Outputs = model.Classes == 0 ? [new("mean", TensorType.Fp64, -1), new("lower", TensorType.Fp64, -1, -1), new("upper", TensorType.Fp64, -1, -1)] : OfClasses(model.Classes, _calibration is not null);
        _known = [.. Outputs.Select(o => o.Name), "receipts"];
        _labels = [.. (model.Version.Manifest.Classes ?? []).Select(Encoding.UTF8.GetBytes)];
        Said =
        [
            KeyValuePair.Create("method", model.Version.Manifest.Method),
            // What the intervals' ends hang on: another calibration of the same model has another digest.
            KeyValuePair.Create("calibration", (model.Version.Manifest.Files.FirstOrDefault(f => f.Path == "calibration.json")?.Sha256 ?? model.Version.Digest)[..12]),
        ];
        JsonBytes said = new();
        foreach ((string name, string value) in Said)
        {
            said.Raw(",\""u8);
            said.Raw(Encoding.UTF8.GetBytes(name));
            said.Raw("\":"u8);
            said.Text(value);
        }

        _said = said.Written.ToArray();
    }

    public override string Platform => "ueq";

    public override IReadOnlyList<TensorSpec> Inputs { get; }

    public override IReadOnlyList<TensorSpec> Outputs { get; }

    public override ReadOnlySpan<byte> SaidJson => _said;

    public override IReadOnlyList<KeyValuePair<string, string>> Said { get; }

    public override ValueTask<int> Run(InferWork work, HttpContext http)
    {
        PredictWork rows = work.Rows;
        CheckWanted(work);
        TakeInputs(work, _parts.Config.MaxRows);
        work.SaysCoverage = true;
        int levels = work.LevelCount, classes = _model.Classes;
        if (classes > 0 && levels > 1) throw RefusalException.BadRequest(FormattableString.Invariant($"$.parameters.coverage: expected one level, since a label set is of one, got {levels}"));
        if (rows.Rows * (long)Math.Max(levels, classes) > MostValues)
            throw RefusalException.TooLarge(FormattableString.Invariant($"$.inputs: expected at most {MostValues / Math.Max(levels, classes)} rows of this request's answers, got {rows.Rows}"));
        if (classes == 0) ReserveRegression(work);
        Activity? span = Traces.Predict(_model, rows.Rows);
        try
        {
            // The first level comes last: its intervals are what is watched and what receipts are of.
            for (int level = levels - 1; level >= 0; level--)
            {
                ValueTask predicted = Predict(work, level, http);
                if (!predicted.IsCompletedSuccessfully)
                {
                    Activity? handedOn = span;
                    span = null;
                    return Continue(predicted, level, work, http, handedOn);
                }

                TakeLevel(work, level);
            }

            return new(End(work));
        }
        finally
        {
            span?.Dispose();
        }
    }

    // The same where requests wait for their turn.
    private async ValueTask<int> Continue(ValueTask predicted, int level, InferWork work, HttpContext http, Activity? span)
    {
        using Activity? ends = span;
        while (true)
        {
            await predicted;
            TakeLevel(work, level);
            if (level-- == 0) return End(work);
            predicted = Predict(work, level, http);
        }
    }

    private ValueTask Predict(InferWork work, int level, HttpContext http)
    {
        work.Rows.Coverage = work.Levels[level];
        work.Rows.WantsMonitoring = level == 0 && work.WantsMonitoring;
        return _parts.Predict(_model, work.Rows, int.MaxValue, 1, http);
    }

    private static TensorSpec[] OfClasses(int classes, bool ranks)
    {
        TensorSpec[] always = [new("label", TensorType.Bytes, -1), new("probabilities", TensorType.Fp64, -1, classes), new("sets", TensorType.Bool, -1, classes)];
        return ranks ? [.. always, new("p_values", TensorType.Fp64, -1, classes)] : always;
    }

    private void CheckWanted(InferWork work)
    {
        for (int i = 0; i < work.Wanted.Count; i++)
        {
            ReadOnlySpan<byte> name = work.NameOf(work.Wanted[i]);
            bool isReceipts = name.SequenceEqual("receipts"u8);
            work.Rows.WantsReceipts |= isReceipts;
            if (!isReceipts && OutputOf(name) < 0) throw NoSuchOutput(work, i, _known);
            for (int j = 0; j < i; j++)
                if (name.SequenceEqual(work.NameOf(work.Wanted[j]))) throw RefusalException.BadRequest(FormattableString.Invariant($"$.outputs[{i}].name: expected \"{Encoding.UTF8.GetString(name)}\" once, got it twice"));
        }
    }

    private void TakeInputs(InferWork work, int maxRows)
    {
        FeatureSchema schema = _model.Schema;
        TensorList inputs = work.Inputs;
        bool isMatrix = inputs.Count == 1 && (schema.Columns.Count == 1 || ColumnOf(work.NameOf(inputs[0]), 0) < 0);
        if (isMatrix && schema.Columns.Count > 1 && !schema.IsNumeric)
            throw RefusalException.BadRequest($"$.inputs: expected a tensor per column, since some are texts: {string.Join(", ", schema.Columns.Select(c => c.Name))}; got one called \"{JsonWords.Short(work.NameOf(inputs[0]))}\"");
        long rows = inputs[0].Shape.Rank > 0 ? inputs[0].Shape[0] : 0;
        for (int i = 0; i < inputs.Count; i++) RequireShape(inputs[i].Shape, rows, isMatrix ? schema.Columns.Count : 1, i);
        if (rows == 0) throw RefusalException.BadRequest("$.inputs[0].shape: expected one row or more, got none");
        if (rows > maxRows) throw RefusalException.TooLarge(FormattableString.Invariant($"$.inputs[0].shape: expected at most {maxRows} rows, got {rows}"));
        if (rows * schema.Width > PredictReader.MostFeatures) throw RefusalException.TooLarge(FormattableString.Invariant($"$.inputs: expected at most {PredictReader.MostFeatures} encoded values"));
        int count = (int)rows * schema.Width;
        work.Rows.Rows = (int)rows;
        work.Rows.Features.Reserve(count);
        Span<float> features = work.Rows.Features.Span(count);
        if (isMatrix) new FeatureTensor(schema, features, schema.IsNumeric && schema.Columns.Count > 1 ? -1 : 0, 0).Take(inputs[0].Type, work.ValuesOf(inputs[0]));
        else TakeColumns(work, features);
    }

    private void TakeColumns(InferWork work, Span<float> features)
    {
        FeatureSchema schema = _model.Schema;
        TensorList inputs = work.Inputs;
        // A column that came twice leaves another out, so numbers and names together say all.
        for (int i = 0; i < inputs.Count; i++)
        {
            int column = ColumnOf(work.NameOf(inputs[i]), i);
            if (column < 0) throw RefusalException.BadRequest(FormattableString.Invariant($"$.inputs[{i}].name: expected a column, got \"{JsonWords.Short(work.NameOf(inputs[i]))}\"; did you mean \"{Spelling.Nearest(JsonWords.Short(work.NameOf(inputs[i])), schema.Columns.Select(c => c.Name))}\"?"));
            for (int j = 0; j < i; j++)
                if (work.NameOf(inputs[j]).SequenceEqual(work.NameOf(inputs[i]))) throw RefusalException.BadRequest(FormattableString.Invariant($"$.inputs[{i}].name: expected \"{schema.Columns[column].Name}\" once, got it twice"));
            new FeatureTensor(schema, features, column, i).Take(inputs[i].Type, work.ValuesOf(inputs[i]));
        }

        if (inputs.Count == schema.Columns.Count) return;
        for (int c = 0; c < _columns.Length; c++)
        {
            bool isThere = false;
            for (int i = 0; i < inputs.Count && !isThere; i++) isThere = work.NameOf(inputs[i]).SequenceEqual(_columns[c]);
            if (!isThere) throw RefusalException.BadRequest(FormattableString.Invariant($"$.inputs: expected a tensor for each of {_columns.Length} columns, or one of all, got {inputs.Count}; \"{schema.Columns[c].Name}\" is missing"));
        }
    }

    // Most send the columns in their order.
    private int ColumnOf(ReadOnlySpan<byte> name, int place)
    {
        if (place < _columns.Length && name.SequenceEqual(_columns[place])) return place;
        for (int c = 0; c < _columns.Length; c++)
            if (name.SequenceEqual(_columns[c])) return c;
        return -1;
    }

    private static void RequireShape(in TensorShape shape, long rows, int width, int index)
    {
        bool fits = shape.Rank is 1 or 2 && shape[0] == rows && (shape.Rank == 1 ? width == 1 : shape[1] == width);
        if (!fits) throw RefusalException.BadRequest(FormattableString.Invariant($"$.inputs[{index}].shape: expected [{(index == 0 ? "rows" : rows)}, {width}], got {shape}"));
    }
}
