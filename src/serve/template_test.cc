#include "serve/template.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace yoloport::serve {
namespace {

const TemplateValues kValues = {
    .texts = {{"name", "digits"}, {"size", "64"}, {"none", ""}, {"braces", "{{name}} }} {{"}},
    .conditions = {{"yes", true}, {"no", false}},
};

void ExpectFailure(std::string_view text, const std::string& message) {
  try {
    FillText(text, kValues);
    ADD_FAILURE() << "no error instead of " << message;
  } catch (const std::logic_error& error) {
    EXPECT_EQ(error.what(), message);
  }
}

TEST(TemplateTest, FillsInTexts) {
  EXPECT_EQ(FillText("", kValues), "");
  EXPECT_EQ(FillText("a\n\nb", kValues), "a\n\nb");
  EXPECT_EQ(FillText("{{name}}\n", kValues), "digits\n");
  EXPECT_EQ(FillText("a {{name}}{{size}} {{none}}}b { }} {x}\n{{size}}", kValues),
            "a digits64 }b { }} {x}\n64");
}

// A stranger's class name is no part of the template.
TEST(TemplateTest, WhatIsFilledInIsNotATemplate) {
  EXPECT_EQ(FillText("a {{braces}} {{size}}\n", kValues), "a {{name}} }} {{ 64\n");
  const TemplateValues values = {.texts = {{"text", "{{#if yes}}\nx\n{{/if}}"}},
                                 .conditions = {{"yes", false}}};
  EXPECT_EQ(FillText("{{text}}\n", values), "{{#if yes}}\nx\n{{/if}}\n");
}

TEST(TemplateTest, KeepsTheLinesWhoseConditionIsTrue) {
  EXPECT_EQ(FillText("a\n{{#if yes}}\nb\n{{/if}}\nc\n", kValues), "a\nb\nc\n");
  EXPECT_EQ(FillText("a\n{{#if no}}\nb\n{{/if}}\nc\n", kValues), "a\nc\n");
  EXPECT_EQ(FillText("{{#if yes}}\n{{name}}\n{{else}}\nb\n{{/if}}\n", kValues), "digits\n");
  EXPECT_EQ(FillText("{{#if no}}\na\n{{else}}\n{{size}}\n{{/if}}", kValues), "64\n");
}

TEST(TemplateTest, SectionsNest) {
  const char* text =
      "{{#if no}}\na\n{{#if yes}}\nb\n{{else}}\nc\n{{/if}}\nd\n{{else}}\ne\n{{#if no}}\nf\n"
      "{{else}}\ng\n{{/if}}\n{{/if}}\nh\n";
  EXPECT_EQ(FillText(text, kValues), "e\ng\nh\n");
}

TEST(TemplateTest, MistakesAreErrors) {
  ExpectFailure("a\n{{nmae}}\n", "template line 2: unknown name 'nmae'");
  ExpectFailure("{{yes}}\n", "template line 1: unknown name 'yes'");  // a condition is not a text
  ExpectFailure("{{#if name}}\n{{/if}}\n", "template line 1: unknown name 'name'");
  ExpectFailure("a {{name\n}}\n", "template line 1: {{ without }}");
  ExpectFailure("{{#if yes}}\na\n", "template line 2: {{#if}} without {{/if}}");
  ExpectFailure("a\n{{/if}}\n", "template line 2: {{/if}} without {{#if}}");
  ExpectFailure("{{else}}\n", "template line 1: {{else}} without {{#if}}");
  // Sections are whole lines.
  ExpectFailure("a {{#if yes}}\n", "template line 1: unknown name '#if yes'");
  ExpectFailure("  {{/if}}\n", "template line 1: unknown name '/if'");
}

TEST(TemplateTest, MistakesInSkippedLinesAreErrorsToo) {
  ExpectFailure("{{#if no}}\n{{nmae}}\n{{/if}}\n", "template line 2: unknown name 'nmae'");
  ExpectFailure("{{#if no}}\n{{#if on}}\n", "template line 2: unknown name 'on'");
}

TEST(TemplateTest, AnUnknownTemplateIsAnError) {
  EXPECT_THROW(FillTemplate("triton/config.txt", {}), std::logic_error);
}

}  // namespace
}  // namespace yoloport::serve
