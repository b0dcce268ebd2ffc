using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Ensembles;
using Ueq.Testing;

namespace Ueq.Tests;

/// <summary>The laws of models and trainers, held against everything public that there is.</summary>
public sealed class LawTests
{
    private static readonly LinearTruth Truth = new([2, -1, 0.5], 3, 0.5, 0.3);
    private static readonly ClassTruth Classes = new(3);
    private static readonly BayesianLinearTrainer Linear = new();

    private static readonly LawBook Book = LawBook.Of<Coverage>()
        .Model(() => new FunctionPredictor(Truth.Predict), Rows)
        .Model(() => new FunctionPredictor(row => Truth.Mean(Checked(row))), Rows)
        .Model(() => new FunctionClassifier(3, Classes.Predict), Rows)
        .Model(() => new PointBands(Truth), Rows)
        .Model(() => new NormalisedBands(Truth, new Sigmas(), 0.1), Rows)
        .Model(() => new QuantileBands(new Quantiles()), Rows)
        .Model(() => new GaussianBands(Truth), Rows)
        .Model(() => Regressor(new PointBands(Truth), 300), Rows)
        .Model(() => Regressor(new GaussianBands(Truth), 5), Rows)
        .Model(() => Regressor(new QuantileBands(new Quantiles()), 300), Rows)
        .Model(() => Classifier(300, EmptySets.TopLabel), Rows)
        .Model(() => Classifier(300, EmptySets.Allowed), Rows)
        .Model(() => Classifier(5, EmptySets.TopLabel), Rows)
        .Stored(() => BayesianLinearRegression.Fit(Sample().X, Sample().Y), new BayesianLinearFormat(), Rows, storage: new() { Damage = DamageSeen.WhereReadable })
        .Model(() => Bootstrap().Ensemble, Rows)
        .Model(Bootstrap, Rows)
        .Model(() => new CrossEnsemble([new("truth", Truth), new("fit", Linear.Fit(Sample().X, Sample().Y, 1))]), Rows)
        .Model(() => new CrossEnsemble([new("truth", Truth), new("fit", Linear.Fit(Sample().X, Sample().Y, 1))], Aggregation.Median), Rows)
        .Model(() => new CrossClassEnsemble([new("truth", Classes), new("flat", new ClassTruth(3, steepness: 0.1))]), Rows)
        .Model(() => new CrossClassEnsemble([new("truth", Classes), new("flat", new ClassTruth(3, steepness: 0.1))], Aggregation.Median), Rows)
        .Model(() => new CrossFittedGaussianTrainer(Linear).Fit(Sample().X, Sample().Y, 1), Rows)
        .Trainer(Linear, Sample)
        .Trainer(new CrossFittedGaussianTrainer(Linear), Sample)
        .Trainer(new CrossClassEnsembleTrainer([new("one", new Known()), new("two", new Known())]), () => Classes.Draw(60, 2))
        .Trainer(new AbsoluteTrainer(Linear), Sample)
        .Trainer(new NormalisedTrainer(Linear), Sample)
        .Trainer(new GaussianTrainer(Linear), Sample)
        .Trainer(new QuantileTrainer(new Constants()), Sample)
        .Trainer(new CrossEnsembleTrainer([new("one", Linear), new("two", Linear)]), Sample);

    public static TheoryData<Type> Types => [.. Book.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void TheLawsHold(Type type) => Book.Hold(type);

    private static FeatureMatrix Rows() => Truth.Draw(80, 1).X;

    private static (FeatureMatrix X, double[] Y) Sample() => Truth.Draw(100, 2);

    private static ReadOnlySpan<float> Checked(ReadOnlySpan<float> row)
    {
        if (row.Length != 3) throw new ArgumentException("Expected three features.", nameof(row));
        foreach (float value in row) if (!float.IsFinite(value)) throw new ArgumentException("Expected finite features.", nameof(row));
        return row;
    }

    private static ConformalRegressor Regressor(IBandPredictor bands, int rows)
    {
        (FeatureMatrix x, double[] y) = Truth.Draw(rows, 3);
        return SplitConformal.Calibrate(bands, x, y);
    }

    private static ConformalClassifier Classifier(int rows, EmptySets empty)
    {
        (FeatureMatrix x, double[] y) = Classes.Draw(rows, 3);
        ConformalClassifier model = SplitConformal.Calibrate(Classes, x, y);
        return new ConformalClassifier(model.Model, model.Calibration, 3, empty);
    }

    private static JackknifeAfterBootstrap Bootstrap() =>
        JackknifeAfterBootstrap.Fit(Linear, Sample().X, Sample().Y, new BootstrapOptions { Members = 10 }, 1, cancellation: TestContext.Current.CancellationToken);

    private sealed class Sigmas : IPointPredictor
    {
        public void Predict(FeatureMatrix x, Span<double> destination) => Truth.Predict(x, new double[x.Rows], destination);
    }

    private sealed class Quantiles : IQuantilePredictor
    {
        public void Predict(FeatureMatrix x, Span<double> lower, Span<double> upper)
        {
            Truth.Predict(x, lower, upper);
            for (int i = 0; i < x.Rows; i++) (lower[i], upper[i]) = (lower[i] - upper[i], lower[i] + upper[i]);
        }
    }

    private sealed class Known : ITrainer<IClassPredictor>
    {
        public IClassPredictor Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed)
        {
            Linear.Fit(x, y, seed);
            return Classes;
        }
    }

    private sealed class Constants : ITrainer<IQuantilePredictor>
    {
        public IQuantilePredictor Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed)
        {
            Linear.Fit(x, y, seed);
            return new Quantiles();
        }
    }
}
