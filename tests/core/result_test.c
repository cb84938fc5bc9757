#include "core/result.h"

#include "tests/check.h"

TEST(every_result_has_a_text_of_its_own) {
    for (int result = SOTTO_OK; result <= SOTTO_INTERNAL; result++) {
        const char *text = sotto_result_text((enum sotto_result)result);
        CHECK(text && strlen(text) > 0);
        CHECK(strcmp(text, sotto_result_text((enum sotto_result)99)) != 0);
        for (int other = SOTTO_OK; other < result; other++)
            CHECK(strcmp(text, sotto_result_text((enum sotto_result)other)) != 0);
    }
}

int main(void) {
    RUN(every_result_has_a_text_of_its_own);
    return 0;
}
