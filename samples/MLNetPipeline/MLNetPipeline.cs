using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.Data;
using Ueq.MLNet;

namespace Ueq.Samples;

/// <summary>Intervals at home in ML.NET: any pipeline, two more columns. The README shows parts of this file, word for word.</summary>
public static class MLNetPipeline
{
    /// <summary>A row as ML.NET's users write it.</summary>
    public sealed class Patient
    {
        /// <summary>Ten measurements.</summary>
        [VectorType(10)]
        public float[] Features { get; set; } = [];

        /// <summary>Progression of the disease after a year.</summary>
        public float Label { get; set; }
    }

    /// <summary>What comes back.</summary>
    public sealed class Answer
    {
        /// <summary>The prediction.</summary>
        public float Score { get; set; }

        /// <summary>Lower end of the interval.</summary>
        [ColumnName("Score.Lower")]
        public float Lower { get; set; }

        /// <summary>Upper end of the interval.</summary>
        [ColumnName("Score.Upper")]
        public float Upper { get; set; }
    }

    /// <summary>Fits, answers one row and saves.</summary>
    public static void Run(string file, string modelFile, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        MLContext mlContext = new(seed: 1);
        Patient[] patients = Read(file);
        IDataView train = mlContext.Data.LoadFromEnumerable(patients[..300]), test = mlContext.Data.LoadFromEnumerable(patients[300..]);

        var pipeline = mlContext.Transforms.NormalizeMeanVariance("Features").Append(mlContext.Regression.Trainers.LightGbm());
        IntervalTransformer model = mlContext.Regression.Calibrated(pipeline, new IntervalOptions { Coverage = new Coverage(0.9) }).Fit(train);
        IDataView scored = model.Transform(test); // Score, Score.Lower, Score.Upper

        Answer[] answers = [.. mlContext.Data.CreateEnumerable<Answer>(scored, reuseRowObject: false)];
        int covered = answers.Where((answer, i) => answer.Lower <= patients[300 + i].Label && patients[300 + i].Label <= answer.Upper).Count();
        output.WriteLine($"{covered} of {answers.Length} covered, {answers.Average(answer => answer.Upper - answer.Lower):0} wide");

        mlContext.Model.Save(model, train.Schema, modelFile);
        Load(file, modelFile, output);
    }

    /// <summary>Loads and answers one row; a process of its own will do.</summary>
    public static void Load(string file, string modelFile, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        MLContext mlContext = new MLContext().RegisterUeq();
        ITransformer model = mlContext.Model.Load(modelFile, out _);
        using PredictionEngine<Patient, Answer> engine = mlContext.Model.CreatePredictionEngine<Patient, Answer>(model);
        Answer answer = engine.Predict(Read(file)[300]);
        output.WriteLine($"{answer.Score:0} in {answer.Lower:0} … {answer.Upper:0}");
    }

    private static Patient[] Read(string file)
    {
        Dataset data = CsvTable.ReadRegression(file, target: "target");
        return [.. data.Y.Select((y, i) => new Patient { Features = data.X.Row(i).ToArray(), Label = (float)y })];
    }
}
