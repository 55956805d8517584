#include "config/python/effects.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "config/python/names.h"

namespace yoloport::config::python {
namespace {

using Names = std::set<std::string_view>;

void AddAll(Names& to, const Names& from) { to.insert(from.begin(), from.end()); }

void Remove(Names& from, const Names& names) {
  for (const std::string_view name : names) from.erase(name);
}

// All names that stand in `expression`.
void CollectNames(const Expression& expression, Names& names) {
  if (expression.syntax == Syntax::kName) names.insert(expression.name);
  if (expression.syntax == Syntax::kBaseReference) names.insert("_base_");
  for (const Expression* child : expression.children) {
    if (child != nullptr) CollectNames(*child, names);
  }
  for (const Clause& clause : expression.clauses) {
    CollectNames(*clause.iterable, names);
    for (const Expression* condition : clause.conditions) CollectNames(*condition, names);
  }
}

using SharedNames = std::shared_ptr<const Names>;

// Whether a loop over `iterable` visits elements of what it names, and no other object it names.
bool VisitsElements(const Expression& iterable) {
  if (iterable.syntax == Syntax::kName) return true;
  constexpr std::array<std::string_view, 4> kVisits = {"enumerate", "zip", "reversed", "sorted"};
  if (iterable.syntax != Syntax::kCall || iterable.children[0]->syntax != Syntax::kName)
    return false;
  const std::string_view name = iterable.children[0]->name;
  return std::find(kVisits.begin(), kVisits.end(), name) != kVisits.end() &&
         std::all_of(iterable.children.begin(), iterable.children.end(),
                     [](const Expression* part) { return part->syntax == Syntax::kName; });
}

// Collects along a tree.
class Collector {
 public:
  void Visit(const Expression* expression) {
    if (expression != nullptr) Visit(*expression);
  }

  void Visit(const Expression& expression) {
    switch (expression.syntax) {
      case Syntax::kName:
        Mention(expression.name);
        break;
      case Syntax::kBaseReference:
        Mention("_base_");
        break;
      case Syntax::kCall:
        VisitCall(expression);
        break;
      case Syntax::kNamed:
        Bind(expression.name);
        AddAlias(expression.name, NamesIn(*expression.children[0]), false);
        VisitChildren(expression);
        break;
      case Syntax::kFunction:
        VisitFunction(EffectsOfBody(expression));
        VisitChildren(expression, 1);
        break;
      default:
        effects_.defines |= expression.syntax == Syntax::kGenerator;
        VisitChildren(expression);
        for (const Clause& clause : expression.clauses) VisitClause(clause);
    }
  }

  void Visit(const std::vector<Statement>& statements) {
    for (const Statement& statement : statements) Visit(statement);
  }

  void Visit(const Statement& statement) {
    if (IsBaseAssignment(statement)) return;
    switch (statement.action) {
      case Action::kBreak:
      case Action::kContinue:
        effects_.leaves_loop |= loops_ == 0;
        return;
      case Action::kImport:
        for (const NamedPlace& name : statement.names) Define(name.name);
        return;
      case Action::kFunction:
        Define(statement.names[0].name);
        Visit(statement.otherwise);
        VisitFunction(EffectsOfBody(statement));
        return;
      case Action::kClass:
        Bind(statement.names[0].name);
        Visit(statement.otherwise);
        VisitClass(statement);
        return;
      case Action::kGlobal:
        for (const NamedPlace& name : statement.names) globals_.insert(name.name);
        return;
      case Action::kAugment:
        VisitAugment(statement);
        return;
      default:
        VisitParts(statement);
    }
  }

  // Names that are bound here belong to the code itself, but for those it declares as global.
  Names TakeOwn() {
    Names own;
    for (const std::string_view name : effects_.bound) {
      if (!globals_.contains(name)) own.insert(name);
    }
    Remove(effects_.bound, own);
    Remove(effects_.defined, own);
    return own;
  }

  // What is changed by way of a name of the code's own is what that name may stand for.
  Effects Take() {
    std::vector<std::string_view> open(effects_.touched.begin(), effects_.touched.end());
    std::set<const Names*> seen;
    while (!open.empty()) {
      const auto found = aliases_.find(open.back());
      open.pop_back();
      if (found == aliases_.end()) continue;
      for (const Alias& alias : found->second) {
        if (!seen.insert(alias.names.get()).second) continue;
        effects_.cost += alias.names->size();
        for (const std::string_view name : *alias.names) {
          const bool is_element = alias.are_elements && !aliases_.contains(name);
          if (is_element) {
            effects_.parts_touched.insert(name);
          } else if (effects_.touched.insert(name).second) {
            open.push_back(name);
          }
        }
      }
    }
    return std::move(effects_);
  }

 private:
  // What a name may stand for: what one of `names` does, or an element of it.
  struct Alias {
    SharedNames names;
    bool are_elements;
  };

  // What a statement stores, or what its loop goes over.
  struct Stored {
    SharedNames names;  // nullptr: nothing
    bool are_elements = false;
  };

  void Mention(std::string_view name) {
    ++effects_.cost;
    effects_.mentioned.insert(name);
    if (ReachesAllNames(name)) effects_.reaching.insert(name);
    if (touching_ > 0) effects_.touched.insert(name);
  }

  SharedNames NamesIn(const Expression& expression) {
    auto names = std::make_shared<Names>();
    CollectNames(expression, *names);
    effects_.cost += names->size();
    return names;
  }

  void VisitParts(const Statement& statement) {
    const bool is_for = statement.action == Action::kFor;
    const bool stores = !statement.targets.empty() && statement.value != nullptr;
    const bool stores_inside =
        stores && std::any_of(statement.targets.begin(), statement.targets.end(), IsInside);
    touching_ += stores_inside ? 1 : 0;
    Visit(statement.value);
    touching_ -= stores_inside ? 1 : 0;
    Visit(statement.annotation);
    Stored stored;
    if (stores) stored = {NamesIn(*statement.value), is_for && VisitsElements(*statement.value)};
    for (const Expression* target : statement.targets) Store(*target, stored);
    const bool is_loop = is_for || statement.action == Action::kWhile;
    loops_ += is_loop ? 1 : 0;
    Visit(statement.body);
    loops_ -= is_loop ? 1 : 0;
    Visit(statement.otherwise);
  }

  // The name stands for what it did before, changed, or for a result.
  void VisitAugment(const Statement& statement) {
    const Expression& target = *statement.targets[0];
    Touch(*statement.value);
    if (target.syntax != Syntax::kName) return Store(target, {});
    Touch(target);
    Bind(target.name);
  }

  void VisitChildren(const Expression& expression, std::size_t leave_out = 0) {
    for (std::size_t i = 0; i + leave_out < expression.children.size(); ++i) {
      Visit(expression.children[i]);
    }
  }

  void VisitClause(const Clause& clause) {
    StoreLocal(*clause.target, {NamesIn(*clause.iterable), VisitsElements(*clause.iterable)});
    Visit(*clause.iterable);
    for (const Expression* condition : clause.conditions) Visit(*condition);
  }

  // Whatever a call gets may be changed and kept.
  void VisitCall(const Expression& call) {
    const Expression& function = *call.children[0];
    const bool is_name = function.syntax == Syntax::kName;
    const bool hands_on = std::any_of(  // elements, to a function
        call.children.begin(), call.children.end(), [](const Expression* argument) {
          return argument->syntax == Syntax::kKeyword && argument->name == "key";
        });
    if (is_name && IsHarmlessBuiltin(function.name) && !hands_on) {
      effects_.builtins.insert(function.name);
      for (std::size_t i = 1; i < call.children.size(); ++i) Visit(call.children[i]);
      return;
    }
    ++touching_;
    VisitChildren(call);
    --touching_;
  }

  void VisitFunction(const Effects& body) {
    effects_.defines = true;
    effects_.cost += body.cost;
    AddAll(effects_.reaching, body.reaching);
    AddAll(effects_.mentioned, body.mentioned);
    AddAll(effects_.touched, touching_ > 0 ? body.mentioned : body.touched);
    AddAll(effects_.parts_touched, body.parts_touched);
    AddAll(effects_.bound, body.bound);
    AddAll(effects_.bound_later, body.bound);
    AddAll(effects_.bound_later, body.bound_later);
    AddAll(effects_.builtins, body.builtins);
  }

  // The body of a class runs at once, its functions perhaps later.
  void VisitClass(const Statement& statement) {
    Collector inner;
    inner.Visit(statement.body);
    inner.TakeOwn();
    VisitFunction(inner.Take());
  }

  // All names within `expression` are touched.
  void Touch(const Expression& expression) {
    ++touching_;
    Visit(expression);
    --touching_;
  }

  void AddAlias(std::string_view name, SharedNames names, bool are_elements) {
    aliases_[name].push_back({std::move(names), are_elements});
  }

  // Whether a target is a part of something.
  static bool IsInside(const Expression* target) {
    if (target->syntax == Syntax::kTuple || target->syntax == Syntax::kList ||
        target->syntax == Syntax::kStarred) {
      return std::any_of(target->children.begin(), target->children.end(), IsInside);
    }
    return target->syntax != Syntax::kName;
  }

  void Store(const Expression& target, const Stored& stored) {
    switch (target.syntax) {
      case Syntax::kName:
        Bind(target.name);
        if (stored.names) AddAlias(target.name, stored.names, stored.are_elements);
        break;
      case Syntax::kTuple:
      case Syntax::kList:
      case Syntax::kStarred:
        for (const Expression* part : target.children) Store(*part, stored);
        break;
      default:
        Touch(*target.children[0]);
        for (std::size_t i = 1; i < target.children.size(); ++i) Visit(target.children[i]);
    }
  }

  // A target of a comprehension.
  void StoreLocal(const Expression& target, const Stored& stored) {
    if (target.syntax == Syntax::kName) {
      return AddAlias(target.name, stored.names, stored.are_elements);
    }
    for (const Expression* part : target.children) {
      if (part != nullptr) StoreLocal(*part, stored);
    }
  }

  void Bind(std::string_view name) {
    effects_.bound.insert(name);
    effects_.defined.erase(name);
    assigned_.insert(name);
  }

  void Define(std::string_view name) {
    effects_.bound.insert(name);
    if (!assigned_.contains(name)) effects_.defined.insert(name);
  }

  Effects effects_;
  std::map<std::string_view, std::vector<Alias>> aliases_;
  Names globals_;     // declared by `global`
  Names assigned_;    // bound other than by definitions
  int loops_ = 0;     // around what is visited
  int touching_ = 0;  // calls and stores around it
};

template <typename Code>
Effects Collected(const Code& code) {
  Collector collector;
  collector.Visit(code);
  return collector.Take();
}

// `own`: names of a function's parameters. They are no ways to anything else: what a call passes is
// let go of by the call, and defaults where the function is made.
Effects WithoutOwn(Effects effects, const Names& own) {
  Remove(effects.mentioned, own);
  Remove(effects.reaching, own);
  Remove(effects.touched, own);
  Remove(effects.parts_touched, own);
  return effects;
}

}  // namespace

Effects EffectsOf(const Expression& expression) { return Collected(expression); }
Effects EffectsOf(const std::vector<Statement>& statements) { return Collected(statements); }
Effects EffectsOf(const Statement& statement) { return Collected(statement); }

Effects EffectsOfBody(const Statement& function) {
  Collector collector;
  collector.Visit(function.body);
  Names own = collector.TakeOwn();
  for (std::size_t i = 1; i < function.names.size(); ++i) own.insert(function.names[i].name);
  return WithoutOwn(collector.Take(), own);
}

Effects EffectsOfBody(const Expression& lambda) {
  return WithoutOwn(Collected(*lambda.children.back()), {lambda.names.begin(), lambda.names.end()});
}

}  // namespace yoloport::config::python
