using System.Reflection;
using Ueq.HouseLaws.Violations;

namespace Ueq.HouseLaws;

public sealed class TypeLawTests
{
    private static IEnumerable<string> Everywhere(Func<Type, IEnumerable<string>> law) =>
        Repository.Rooms.Values.SelectMany(TypeLaws.Written).SelectMany(law);

    private static IEnumerable<string> In(string room, Func<Type, IEnumerable<string>> law) =>
        TypeLaws.Written(Repository.Rooms[room]).SelectMany(law);

    [Fact]
    public void NoPublicMemberTakesABool() => Law.Holds(Everywhere(TypeLaws.BoolParameters));

    [Fact]
    public void EveryClassIsSealedAbstractOrStatic() => Law.Holds(Everywhere(TypeLaws.OpenClass));

    [Fact]
    public void PublicStructsAreReadonly() => Law.Holds(Everywhere(TypeLaws.MutableStruct));

    [Fact]
    public void NothingIsAsynchronousInTheCoreAndInMonitoring() => Law.Holds(In("Ueq", TypeLaws.Async).Concat(In("Ueq.Monitoring", TypeLaws.Async)));

    [Fact]
    public void OptionsAreSealedRecords() => Law.Holds(Everywhere(TypeLaws.OptionsThatAreNoRecord));

    [Fact]
    public void NamesSayWhatATypeIs() => Law.Holds(Everywhere(TypeLaws.EmptyName));

    [Fact]
    public void NoFieldIsPublic() => Law.Holds(Everywhere(TypeLaws.PublicField));

    [Fact]
    public void MathNetIsInNoPublicSignature() => Law.Holds(Everywhere(t => TypeLaws.Exposes(t, "MathNet.Numerics")));

    [Fact]
    public void EveryRoomIsSeen()
    {
        Assert.Equal(ProjectLaws.Arrows.Keys.Order(), Repository.Rooms.Keys.Order());
        Assert.Contains(typeof(Rng), TypeLaws.Written(Repository.Rooms["Ueq"]));
        Assert.Contains("Ueq.Monitoring.SignalWatch", TypeLaws.Written(Repository.Rooms["Ueq.Monitoring"]).Select(t => t.FullName));
    }

    [Fact]
    public void EachLawOfTypesSeesItsViolation()
    {
        Type open = typeof(OpenManager);
        Assert.Equal([".ctor has the bool parameter fast", "Run has the bool parameter loudly"],
            TypeLaws.BoolParameters(open).Select(v => v.Split(';')[0].Replace($"{open.FullName}.", "", StringComparison.Ordinal)).Order());
        Assert.Single(TypeLaws.OpenClass(open));
        Assert.Single(TypeLaws.EmptyName(open));
        Assert.Single(TypeLaws.PublicField(open));
        Assert.Single(TypeLaws.Async(open));
        Assert.Single(TypeLaws.Exposes(open, typeof(TestContext).Assembly.GetName().Name!));
        Assert.Single(TypeLaws.MutableStruct(typeof(Loose)));
        Assert.Single(TypeLaws.OptionsThatAreNoRecord(typeof(LooseOptions)));
    }

    [Fact]
    public void WhatKeepsTheLawsIsLeftAlone()
    {
        foreach (Type type in new[] { typeof(Fine), typeof(FineOptions), typeof(Foreigner), typeof(Coverage), typeof(Interval) })
        {
            Func<Type, IEnumerable<string>>[] laws = [TypeLaws.BoolParameters, TypeLaws.OpenClass, TypeLaws.MutableStruct, TypeLaws.Async,
                TypeLaws.OptionsThatAreNoRecord, TypeLaws.EmptyName, TypeLaws.PublicField, t => TypeLaws.Exposes(t, "MathNet.Numerics")];
            Law.Holds(laws.SelectMany(law => law(type)));
        }
    }
}
