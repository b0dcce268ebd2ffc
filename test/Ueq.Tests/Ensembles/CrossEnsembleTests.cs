using CsCheck;
using Ueq.Ensembles;
using Ueq.Tests.Support;

namespace Ueq.Tests.Ensembles;

public sealed class CrossEnsembleTests
{
    private static readonly FeatureMatrix _x = new(Enumerable.Range(0, 3000).Select(i => i / 100f).ToArray(), 1);

    private static EnsembleMember<IPointPredictor> Constant(string name, double value, double? weight = null) =>
        new(name, new LinearPredictor([0], value)) { Weight = weight };

    private static double[] Predict(CrossEnsemble ensemble, FeatureMatrix x)
    {
        double[] answers = new double[x.Rows];
        ensemble.Predict(x, answers);
        return answers;
    }

    [Theory]
    [InlineData(Aggregation.Mean, 4)]
    [InlineData(Aggregation.Median, 2)]
    public void MeanAndMedianAreThoseOfTheMembers(Aggregation aggregation, double expected)
    {
        CrossEnsemble ensemble = new([Constant("a", 1), Constant("b", 9), Constant("c", 2)], aggregation);
        Assert.All(Predict(ensemble, _x), answer => Assert.Equal(expected, answer, 1e-12));
    }

    [Fact]
    public void WeightsOfAnyScaleAreNormalisedAndMakeTheMeanWeighted()
    {
        CrossEnsemble ensemble = new([Constant("a", 1, 30), Constant("b", 9, 10), Constant("c", 1e9, 0)]);
        Assert.Equal(Aggregation.WeightedMean, ensemble.Aggregation);
        Assert.Equal([0.75, 0.25, 0], ensemble.Weights.ToArray());
        Assert.All(Predict(ensemble, _x), answer => Assert.Equal(3, answer, 1e-12));
        CrossEnsemble huge = new([Constant("a", 1, double.MaxValue), Constant("b", 3, double.MaxValue)]);
        Assert.Equal([0.5, 0.5], huge.Weights.ToArray());
    }

    [Fact]
    public void EveryAnswerLiesAmongTheMembersAndTheirOrderDoesNotMatter() =>
        Gen.Select(Gen.Double[-1e6, 1e6].Array[1, 9], Gen.Enum<Aggregation>(), Gen.Double[0.01, 5].Array[9]).Sample((values, aggregation, weights) =>
        {
            EnsembleMember<IPointPredictor>[] members = [.. values.Select((v, i) => Constant($"m{i}", v, aggregation == Aggregation.WeightedMean ? weights[i] : null))];
            double answer = Predict(new CrossEnsemble(members, aggregation), _x.Slice(0, 1))[0];
            double turned = Predict(new CrossEnsemble([.. members.Reverse()], aggregation), _x.Slice(0, 1))[0];
            Assert.Equal(answer, turned, 1e-6);
            Assert.InRange(answer, values.Min() - 1e-6, values.Max() + 1e-6);
        });

    [Fact]
    public void AMemberThatThrowsIsNamedAndTheNextCallWorks()
    {
        bool broken = true;
        CrossEnsemble ensemble = new([Constant("ridge", 1), new("remote", new FunctionPredictor((FeatureMatrix x, Span<double> d) =>
        {
            if (broken) throw new IOException("the line is dead");
            d.Fill(3);
        }))]);
        EnsembleMemberException fault = Assert.Throws<EnsembleMemberException>(() => Predict(ensemble, _x));
        Assert.Equal("remote", fault.Member);
        Assert.Contains("'remote'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("the line is dead", fault.Message, StringComparison.Ordinal);
        Assert.IsType<IOException>(fault.InnerException);
        broken = false;
        Assert.All(Predict(ensemble, _x), answer => Assert.Equal(2, answer));
    }

    [Fact]
    public void AMemberThatIsNotFiniteIsNamedWithTheRow()
    {
        CrossEnsemble ensemble = new([Constant("ridge", 1), new("odd", new FunctionPredictor(row => row[0] >= 20 ? double.NaN : 0))]);
        EnsembleMemberException fault = Assert.Throws<EnsembleMemberException>(() => Predict(ensemble, _x));
        Assert.Contains("'odd'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("row 2000", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatDoesNotGoTogetherIsRefusedByName()
    {
        Says<ArgumentException>(() => new CrossEnsemble([]), "one member");
        Says<ArgumentException>(() => new CrossEnsemble([Constant("a", 1), Constant("a", 2)]), "'a' twice");
        Says<ArgumentException>(() => new CrossEnsemble([Constant(" ", 1)]), "name of member 0");
        Says<ArgumentNullException>(() => new CrossEnsemble([new("a", null!)]), "member 0");
        Says<ArgumentException>(() => new CrossEnsemble([Constant("a", 1, 1), Constant("b", 1)]), "'b'");
        Says<ArgumentException>(() => new CrossEnsemble([Constant("a", 1, 1)], Aggregation.Median), "'a'");
        Says<ArgumentException>(() => new CrossEnsemble([Constant("a", 1, 0)]), "above 0");
        foreach (double wrong in (double[])[-1, double.NaN, double.PositiveInfinity])
            Says<ArgumentOutOfRangeException>(() => new CrossEnsemble([Constant("a", 1, wrong)]), "member 'a'");
        Says<ArgumentOutOfRangeException>(() => new CrossEnsemble([Constant("a", 1)], (Aggregation)7), "7");
        Says<ArgumentException>(
            () => new CrossClassEnsemble([new("two", new SignClassifier(1)), new("three", new FunctionClassifier(3, (_, _) => { }))]), "3 of 'three'");
    }

    [Fact]
    public void AMemberThatCannotBeFittedIsNamed()
    {
        CrossEnsembleTrainer trainer = new([new("fine", Trainers.Mean), new("bad", new Trainer<IPointPredictor>((_, _, _) => throw new InvalidOperationException("no")))]);
        Assert.Equal("bad", Assert.Throws<EnsembleMemberException>(() => trainer.Fit(_x, new double[3000], 1)).Member);
    }

    [Fact]
    public void ProbabilitiesOfAnEnsembleSumToOneWhateverTheRule()
    {
        static FunctionClassifier Fixed(params double[] p) => new(3, (x, d) =>
        {
            for (int i = 0; i < x.Rows; i++) p.CopyTo(d[(i * 3)..]);
        });
        EnsembleMember<IClassPredictor>[] members = [new("a", Fixed(1, 0, 0)), new("b", Fixed(0, 1, 0)), new("c", Fixed(0, 0, 1))];
        double[] answers = new double[_x.Rows * 3];
        foreach (Aggregation aggregation in (Aggregation[])[Aggregation.Mean, Aggregation.Median])
        {
            // Every median is 0: then the mean answers.
            new CrossClassEnsemble(members, aggregation).Predict(_x, answers);
            Assert.All(answers, p => Assert.Equal(1.0 / 3, p, 1e-12));
        }

        new CrossClassEnsemble([new("a", Fixed(0.6, 0.3, 0.1)), new("b", Fixed(0.5, 0.1, 0.4)), new("c", Fixed(0.1, 0.2, 0.7))], Aggregation.Median).Predict(_x, answers);
        Assert.Equal(0.5 / 1.1, answers[0], 1e-12);
        Assert.Equal(0.4 / 1.1, answers[^1], 1e-12);
    }

    private static void Says<T>(Func<object> act, string text)
        where T : Exception => Assert.Contains(text, Assert.Throws<T>(act).Message, StringComparison.Ordinal);
}
