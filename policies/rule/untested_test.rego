package shellproof_test.rule.untested
